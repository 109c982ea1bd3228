// RocksDB with the simulated embedded store on the TaskManagers' own disks, incremental checkpoints
// in a directory of the shared volume, and buffers so small that tables are really written, shared
// and compacted.

import { RocksDBStateBackend } from '../../../engine/state/rocksdb/rocksdb-state-backend.ts';
import type { OpenBackend } from './backend-profile.ts';
import { inDirectory } from './directory-backends.ts';

/** About the state of twenty keys of most scenarios. */
const WRITE_BUFFER_BYTES = 1024;
const CACHE_BYTES = 2048;

export const openRocksDB: OpenBackend = inDirectory(
  () =>
    new RocksDBStateBackend({
      incremental: true,
      writeBufferBytes: WRITE_BUFFER_BYTES,
      cacheBytes: CACHE_BYTES,
    }),
  { hasLocalDisks: true },
);
