// The RocksDB backend passes the contract of all keyed state backends, whether its store answers at
// once or later, and keeps its own promises.

import { CrashableFileSystem } from '../../checkpoint/testing/crashable-file-system.ts';
import { keyedStateBackendContract } from '../state-backend.contract.ts';
import { MemoryKeyValueStores } from '../testing/memory-key-value-store.ts';
import type { CreateBackend } from '../testing/state-world.ts';
import type { RocksDBOptions } from './rocksdb-options.ts';
import { RocksDBStateBackend } from './rocksdb-state-backend.ts';

let directories = 0;

function creating(options: RocksDBOptions, isSynchronous: boolean): CreateBackend {
  const backend = new RocksDBStateBackend(options);
  return (each) => {
    const filesystem = new CrashableFileSystem();
    const stores = new MemoryKeyValueStores(filesystem, isSynchronous);
    const directory = `/tmp/attempt-${directories++}`;
    const trackDigest = !isSynchronous && each.trackDigest === true;
    return backend.createKeyedStateBackend({
      ...each,
      trackDigest,
      local: { filesystem, stores, directory },
    });
  };
}

keyedStateBackendContract('rocksdb', creating({ incremental: true }, false));
keyedStateBackendContract('rocksdb full', creating({ cacheBytes: 0 }, false));
const onDisk = { timerService: 'rocksdb', timerCacheSize: 3 } as const;
keyedStateBackendContract('rocksdb timers', creating({ incremental: true, ...onDisk }, false));
keyedStateBackendContract(
  'rocksdb timers full',
  creating({ cacheBytes: 0, timerService: 'rocksdb' }, false),
);
keyedStateBackendContract(
  'rocksdb timers sync',
  creating({ incremental: true, cacheBytes: 0, ...onDisk }, true),
);
keyedStateBackendContract('rocksdb sync', creating({ incremental: true, cacheBytes: 0 }, true));
