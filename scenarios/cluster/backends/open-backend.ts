// From the name of a backend to what it needs of a simulated world.

import { OnceproofError } from '../../../engine/core/errors.ts';
import type { OpenBackend } from './backend-profile.ts';
import { openFs, openMemory } from './directory-backends.ts';
import { openDruid } from './druid-backend.ts';
import { openHdfs } from './hdfs-backend.ts';
import { openRocksDB } from './rocksdb-backend.ts';
import { openS3 } from './s3-backend.ts';

const BACKENDS: ReadonlyMap<string, OpenBackend> = new Map([
  ['memory', openMemory],
  ['fs', openFs],
  ['rocksdb', openRocksDB],
  ['hdfs', openHdfs],
  ['druid', openDruid],
  ['s3', openS3],
]);

/** OP-E131 for a name that nobody has. */
export function openBackend(name: string): OpenBackend {
  const found = BACKENDS.get(name);
  if (found !== undefined) return found;
  throw new OnceproofError('OP-E131', `Cannot simulate backend "${name}"`, {
    place: name,
    remedy: `Choose one of ${[...BACKENDS.keys()].join(', ')}`,
  });
}
