// What a user may choose of the RocksDB backend, under the names of Flink's options, checked when
// the backend is made.

import type { CheckpointPlace } from '../../checkpoint/checkpoint-place.ts';
import { OnceproofError } from '../../core/errors.ts';
import { stringHashCode } from '../../core/hash.ts';
import { checkInteger, checkOneOf, invalidValue } from '../../graph/config-check.ts';

const MEGABYTE = 1024 * 1024;
/** Room for the keys of some batches; beyond it the store's own cache serves. */
const DEFAULT_CACHE_BYTES = 64 * MEGABYTE;
/** Some hundred bytes each. */
const DEFAULT_TIMER_CACHE_SIZE = 8192;
const COMPRESSIONS = ['none', 'snappy', 'lz4', 'zstd'] as const;

export interface RocksDBOptions {
  /** Whether checkpoints share files with earlier ones. Flink's state.backend.incremental. */
  readonly incremental?: boolean;
  /** Disks to work on, instead of the TaskManager's own: each subtask takes one of them. */
  readonly localDirectories?: readonly string[];
  /** Flink's state.backend.rocksdb.writebuffer.size. Default: the driver's. */
  readonly writeBufferBytes?: number;
  /** Flink's state.backend.rocksdb.block.cache-size. Default: the driver's. */
  readonly blockCacheBytes?: number;
  readonly compression?: 'none' | 'snappy' | 'lz4' | 'zstd';
  /** Which of the installed drivers. Default: the first. */
  readonly driver?: string;
  /**
   * Flink's state.backend.rocksdb.timer-service.factory. 'rocksdb': as many timers as the disk
   * holds. Default, other than Flink's: 'heap', where each costs some memory and less time.
   */
  readonly timerService?: 'heap' | 'rocksdb';
  /**
   * Flink's state.backend.rocksdb.timer-service.cache-size, but per subtask and kind of time, not
   * per key group: so many timers in RocksDB are held in memory too. Default: 8192.
   */
  readonly timerCacheSize?: number;
  /** Of the entries in memory in front of the store, per subtask. Default: 64 MiB. */
  readonly cacheBytes?: number;
  /** Where checkpoints go unless the job says otherwise. */
  readonly checkpointStorage?: CheckpointPlace;
}

export type CheckedRocksDBOptions = RocksDBOptions &
  Required<Pick<RocksDBOptions, 'incremental' | 'timerService' | 'timerCacheSize' | 'cacheBytes'>>;

/** OP-E302 names the option, its value and what is allowed. */
export function checkRocksDBOptions(options: RocksDBOptions): CheckedRocksDBOptions {
  const { incremental = false, timerService = 'heap', cacheBytes = DEFAULT_CACHE_BYTES } = options;
  const { writeBufferBytes, blockCacheBytes, compression, localDirectories } = options;
  if (typeof incremental !== 'boolean') {
    throw invalidValue('state.backend.incremental', incremental, 'true or false');
  }
  const { timerCacheSize = DEFAULT_TIMER_CACHE_SIZE } = options;
  const timers = 'state.backend.rocksdb.timer-service';
  checkOneOf(`${timers}.factory`, timerService, ['heap', 'rocksdb']);
  checkInteger({ key: `${timers}.cache-size`, value: timerCacheSize, min: 2 });
  checkInteger({ key: 'state.backend.rocksdb.cache-bytes', value: cacheBytes, min: 0 });
  for (const [key, value] of [
    ['writebuffer.size', writeBufferBytes],
    ['block.cache-size', blockCacheBytes],
  ] as const) {
    if (value === undefined) continue;
    checkInteger({ key: `state.backend.rocksdb.${key}`, value, min: 1024 });
  }
  if (compression !== undefined) {
    checkOneOf('state.backend.rocksdb.compression', compression, COMPRESSIONS);
  }
  if (localDirectories !== undefined) checkDirectories(localDirectories);
  return { ...options, incremental, timerService, timerCacheSize, cacheBytes };
}

/** Where a subtask works: its own directory, on the disk that falls to it. */
export function workingDirectoryOf(options: RocksDBOptions, directory: string): string {
  const { localDirectories = [] } = options;
  const disk = localDirectories[Math.abs(stringHashCode(directory)) % localDirectories.length];
  return disk === undefined ? directory : disk + directory;
}

export function noLocalDisk(operatorName: string): OnceproofError {
  return new OnceproofError(
    'OP-E412',
    'Cannot keep state in RocksDB: this host has no local disk or no embedded store',
    {
      place: `operator "${operatorName}"`,
      remedy: 'Run the job where services are given, as nodeEnvironment() does, or choose "fs"',
    },
  );
}

function checkDirectories(directories: readonly string[]): void {
  const key = 'state.backend.rocksdb.localdir';
  if (directories.length === 0)
    throw invalidValue(key, '', 'at least one directory, or leave it out');
  for (const directory of directories) {
    const isPath = directory.startsWith('/') && directory.length > 1 && !directory.endsWith('/');
    if (!isPath) throw invalidValue(key, directory, 'absolute paths without a "/" at the end');
  }
}
