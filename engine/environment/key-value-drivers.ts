// Files of an embedded store are for the driver that made them: two builds of RocksDB may differ in
// format, options and compression, and would find out late, or not at all.

import { OnceproofError } from '../core/errors.ts';
import type { KeyValueStoreOptions } from './key-value-store.ts';

/** OP-E585 where it is known that another driver made what is there. */
export function refuseFilesOfOthers(
  driver: string,
  { directory, writtenBy }: Pick<KeyValueStoreOptions, 'directory' | 'writtenBy'>,
): void {
  if (writtenBy === undefined || writtenBy === driver) return;
  const message =
    `Cannot restore an incremental checkpoint: driver "${writtenBy}" made its files, ` +
    `and this is "${driver}"`;
  throw new OnceproofError('OP-E585', message, {
    place: directory,
    remedy: `Use driver "${writtenBy}" again, and take a savepoint: that is for every driver`,
  });
}
