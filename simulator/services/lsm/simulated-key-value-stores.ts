// Embedded stores for a simulated host: on its virtual disk, with buffers so small that a
// simulation really flushes and compacts. By name it is either driver of the real world, as far as
// callers can tell: one reads asynchronously, the other at once. Models: tables, compaction,
// checkpoints, their files, and what a failing or full disk does to them. Does not model: RocksDB's
// file formats, more than two levels, blob files, WAL, compression.

import { OnceproofError } from '../../../engine/core/errors.ts';
import type { FileSystem } from '../../../engine/environment/filesystem.ts';
import { refuseFilesOfOthers } from '../../../engine/environment/key-value-drivers.ts';
import type {
  KeyValueStoreOptions,
  KeyValueStores,
} from '../../../engine/environment/key-value-store.ts';
import { openLsmStore } from './lsm-store.ts';

export interface SimulatedKeyValueStoresOptions {
  /** Of a store whose driver is not named. Default: false. */
  readonly synchronous?: boolean;
  /** Of a store that does not say so itself. */
  readonly writeBufferBytes?: number;
}

const WRITE_BUFFER_BYTES = 4 * 1024;
const BLOCK_CACHE_BYTES = 16 * 1024;

export function simulatedKeyValueStores(
  filesystem: FileSystem,
  defaults: SimulatedKeyValueStoresOptions = {},
): KeyValueStores {
  return {
    open: async (options) => {
      const synchronous = isSynchronous(options, defaults);
      const driver = synchronous ? 'rocksdb-js' : 'rocksdb-native';
      refuseFilesOfOthers(driver, options);
      return openLsmStore(filesystem, {
        driver,
        directory: options.directory,
        readOnly: options.readOnly ?? false,
        synchronous,
        writeBufferBytes:
          options.writeBufferBytes ?? defaults.writeBufferBytes ?? WRITE_BUFFER_BYTES,
        blockCacheBytes: options.blockCacheBytes ?? BLOCK_CACHE_BYTES,
      });
    },
  };
}

function isSynchronous(
  { driver }: KeyValueStoreOptions,
  { synchronous = false }: SimulatedKeyValueStoresOptions,
): boolean {
  switch (driver) {
    case undefined:
      return synchronous;
    case 'rocksdb-native':
      return false;
    case 'rocksdb-js':
      return true;
    default:
      throw new OnceproofError('OP-E330', `Cannot open a store: no driver is named "${driver}"`, {
        place: 'RocksDBStateBackend.driver',
        remedy: 'Use "rocksdb-native" or "rocksdb-js", or leave it out',
      });
  }
}
