// RocksDB with the simulated embedded store on the TaskManagers' own disks, incremental checkpoints
// in a directory of the shared volume, and buffers so small that tables are really written, shared
// and compacted.

import type { RocksDBOptions } from '../../../engine/state/rocksdb/rocksdb-options.ts';
import { RocksDBStateBackend } from '../../../engine/state/rocksdb/rocksdb-state-backend.ts';
import type { OpenBackend } from './backend-profile.ts';
import { inDirectory } from './directory-backends.ts';

/** About the state of twenty keys of most scenarios. */
const WRITE_BUFFER_BYTES = 1024;
const CACHE_BYTES = 2048;
/** Fewer than most scenarios set in each subtask. */
const TIMER_CACHE_SIZE = 4;

/** Its timers lie on the heap, or in the store with hardly any of them in memory. */
export function smallRocksDB(
  timerService: 'heap' | 'rocksdb',
  options: Pick<RocksDBOptions, 'driver'> = {},
): RocksDBStateBackend {
  return new RocksDBStateBackend({
    incremental: true,
    writeBufferBytes: WRITE_BUFFER_BYTES,
    cacheBytes: CACHE_BYTES,
    timerService,
    timerCacheSize: TIMER_CACHE_SIZE,
    ...options,
  });
}

/** With a driver of its own, if one is named. */
export function rocksDB(options: Pick<RocksDBOptions, 'driver'>): OpenBackend {
  return inDirectory(() => smallRocksDB('heap', options), { hasLocalDisks: true });
}

export const openRocksDB: OpenBackend = rocksDB({});
