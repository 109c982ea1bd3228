// The stage for tests of the RocksDB backend: a host with a disk and stores in memory, backends of
// one operator on it, and batches of keys as the runtime makes them. Works on one host only.

import { CrashableFileSystem } from '../../checkpoint/testing/crashable-file-system.ts';
import type { CheckpointId } from '../../core/ids.ts';
import { checkpointId } from '../../core/ids.ts';
import { HashMapStateBackend } from '../hash-map-state-backend.ts';
import { keyGroupRangeOf } from '../key-groups.ts';
import { assignKeyedHandles } from '../assign-keyed-handles.ts';
import type { RocksDBOptions } from '../rocksdb/rocksdb-options.ts';
import { RocksDBStateBackend } from '../rocksdb/rocksdb-state-backend.ts';
import type {
  KeyedStateBackend,
  KeyedStateBackendOptions,
  StateBackend,
} from '../state-backend.ts';
import type { KeyedStateHandle } from '../state-handle.ts';
import { MemoryKeyValueStores } from './memory-key-value-store.ts';
import { MemoryStreams, readMemoryHandle } from './memory-streams.ts';

export interface OpenSubtask extends Partial<KeyedStateBackendOptions> {
  readonly subtask?: readonly [index: number, parallelism: number];
}

export class RocksDBWorld {
  readonly maxParallelism = 16;
  readonly filesystem = new CrashableFileSystem();
  readonly stores: MemoryKeyValueStores;
  readonly streams = new MemoryStreams();
  readonly savepoints = new MemoryStreams(true);
  nowMs = 0;
  readonly #backend: StateBackend;
  #directories = 0;
  #checkpoint = 0;

  constructor(options: RocksDBOptions = { incremental: true }, isSynchronous = false) {
    this.stores = new MemoryKeyValueStores(this.filesystem, isSynchronous);
    this.#backend = new RocksDBStateBackend(options);
  }

  open(options: OpenSubtask = {}): Promise<KeyedStateBackend> {
    return this.#open(this.#backend, options);
  }

  /** The same on the heap. */
  openHeap(options: OpenSubtask = {}): Promise<KeyedStateBackend> {
    return this.#open(new HashMapStateBackend('heap'), options);
  }

  get lastCheckpoint(): CheckpointId {
    return checkpointId(this.#checkpoint);
  }

  async snapshot(backend: KeyedStateBackend, streams = this.streams): Promise<KeyedStateHandle> {
    const handle = await this.start(backend, streams);
    if (handle === undefined) throw new Error('there is no state to take a snapshot of');
    return handle;
  }

  start(backend: KeyedStateBackend, streams = this.streams): Promise<KeyedStateHandle | undefined> {
    this.#checkpoint++;
    return backend.snapshot(checkpointId(this.#checkpoint), streams);
  }

  #open(backend: StateBackend, { subtask = [0, 1], ...options }: OpenSubtask) {
    const { maxParallelism, filesystem, stores } = this;
    const [subtaskIndex, parallelism] = subtask;
    const range = keyGroupRangeOf({ subtaskIndex, parallelism, maxParallelism });
    const directory = `/tmp/attempt-${this.#directories++}/operator`;
    return backend.createKeyedStateBackend({
      operatorName: 'counter',
      maxParallelism,
      range,
      now: () => this.nowMs,
      read: readMemoryHandle,
      trackDigest: true,
      local: { filesystem, stores, directory },
      ...options,
      restore: assignKeyedHandles(options.restore ?? [], range),
    });
  }
}

/** A batch, as the runtime makes it: all keys are prepared before the first is used. */
export async function batch<K>(
  backend: KeyedStateBackend,
  keys: readonly K[],
  process: (key: K) => void,
): Promise<void> {
  await backend.prepare?.(keys);
  for (const key of keys) {
    backend.setCurrentKey(key);
    process(key);
  }
}
