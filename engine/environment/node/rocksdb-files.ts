// Which files a RocksDB database consists of, whichever driver opened it.

import type { KeyValueCheckpoint } from '../key-value-store.ts';

const CURRENT = 'CURRENT';
/** Sorted tables and the files of large values: written once, under numbers that grow. */
const IMMUTABLE = /^\d+\.(sst|blob)$/;

export function checkpointOf(names: readonly string[]): KeyValueCheckpoint {
  const ascending = [...names].sort();
  return {
    immutable: ascending.filter(isImmutable),
    other: ascending.filter((name) => !isImmutable(name)),
  };
}

/**
 * RocksDB makes a new database where it finds no CURRENT, also among the files of another one: what
 * these hold would be gone without a word.
 */
export function checkHasCurrent(names: readonly string[]): void {
  if (names.includes(CURRENT) || !names.some(isOfDatabase)) return;
  throw new Error('The directory has files of a database, but no CURRENT');
}

export function isImmutable(name: string): boolean {
  return IMMUTABLE.test(name);
}

function isOfDatabase(name: string): boolean {
  return isImmutable(name) || name.startsWith('MANIFEST-');
}
