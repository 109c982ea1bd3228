// The state backend that keeps working state in RocksDB, embedded in the TaskManager, under both of
// Flink's names. Checkpoints go wherever the job's checkpoint storage is.

import type { CheckpointPlace } from '../../checkpoint/checkpoint-place.ts';
import type { KeyValueStore, KeyValueStoreOptions } from '../../environment/key-value-store.ts';
import { genericSerializer } from '../../stream/serializers/generic-serializer.ts';
import { KeyContext } from '../heap/key-context.ts';
import { HeapTimerQueues } from '../heap/heap-timer-queues.ts';
import { RestoredStates } from '../heap/restored-states.ts';
import type { RestoredTimersOptions } from '../heap/restored-timers.ts';
import type {
  KeyedStateBackend,
  KeyedStateBackendOptions,
  LocalState,
  StateBackend,
} from '../state-backend.ts';
import { KeyLayout } from './key-layout.ts';
import { removeQuietly } from './local-directory.ts';
import { ResidentCopy } from './resident-copy.ts';
import { restoreStore } from './restore-store.ts';
import type { RestoredStore } from './restore-store.ts';
import { RocksDBKeyedStateBackend } from './rocksdb-keyed-state-backend.ts';
import type { CheckedRocksDBOptions, RocksDBOptions } from './rocksdb-options.ts';
import { checkRocksDBOptions, noLocalDisk, workingDirectoryOf } from './rocksdb-options.ts';
import { scanPages } from './scan-pages.ts';
import type { StateRegistry } from './state-registry.ts';
import { StoredTimerQueues } from './timers/stored-timer-queues.ts';
import type { TimerQueues } from './timers/timer-queues.ts';
import { timersToHeap } from './timers/timers-to-heap.ts';
import { UploadedFiles } from './uploaded-files.ts';
import { WorkingSet } from './working-set.ts';

export class RocksDBStateBackend implements StateBackend {
  readonly name = 'rocksdb';
  readonly checkpointStorage?: CheckpointPlace;
  readonly #options: CheckedRocksDBOptions;

  constructor(options: RocksDBOptions = {}) {
    this.#options = checkRocksDBOptions(options);
    const { checkpointStorage } = options;
    if (checkpointStorage !== undefined) this.checkpointStorage = checkpointStorage;
  }

  get isIncremental(): boolean {
    return this.#options.incremental;
  }

  async createKeyedStateBackend(options: KeyedStateBackendOptions): Promise<KeyedStateBackend> {
    const { local } = options;
    if (local === undefined) throw noLocalDisk(options.operatorName);
    const directory = workingDirectoryOf(this.#options, local.directory);
    try {
      return await this.#create(options, local, directory);
    } catch (error) {
      await removeQuietly(local, directory);
      throw error;
    }
  }

  async #create(
    options: KeyedStateBackendOptions,
    local: LocalState,
    directory: string,
  ): Promise<KeyedStateBackend> {
    const { cacheBytes, incremental: isIncremental, timerService } = this.#options;
    const keepsTimers = timerService === 'rocksdb';
    const key = options.keySerializer ?? genericSerializer;
    const open = (path: string, readOnly: boolean, writtenBy?: string) =>
      this.#open(local, path, { readOnly, ...(writtenBy !== undefined && { writtenBy }) });
    const restored = await restoreStore({ backend: options, key, local, directory, open });
    try {
      const { operatorName, now, maxParallelism, range } = options;
      const { store, registry } = restored;
      const layout = new KeyLayout(maxParallelism, key);
      const context = new KeyContext(range, maxParallelism);
      const moved = keepsTimers ? [] : await timersToHeap(store, layout, registry);
      const resident = options.trackDigest ? await residentCopyOf(restored, layout) : undefined;
      const working = new WorkingSet({ store, context, layout, cacheBytes, resident });
      const states = new RestoredStates(operatorName, [...restored.blocks, ...moved]);
      return new RocksDBKeyedStateBackend({
        operatorName,
        now,
        working,
        registry,
        timers: this.#timersOf(working, registry, { operatorName, context, key, restored: states }),
        restored: states,
        uploaded: uploadedFilesOf(options, restored),
        local,
        directory,
        isIncremental,
        openForReading: (path) => open(path, true),
      });
    } catch (error) {
      await restored.store.close();
      throw error;
    }
  }

  #timersOf(
    working: WorkingSet,
    registry: StateRegistry,
    restored: RestoredTimersOptions,
  ): TimerQueues {
    const { timerService, timerCacheSize: cacheSize } = this.#options;
    if (timerService === 'heap') return new HeapTimerQueues(restored);
    return new StoredTimerQueues({ working, registry, restored, cacheSize });
  }

  #open(
    { stores }: LocalState,
    directory: string,
    how: Pick<KeyValueStoreOptions, 'readOnly' | 'writtenBy'>,
  ): Promise<KeyValueStore> {
    const { driver, writeBufferBytes, blockCacheBytes, compression } = this.#options;
    return stores.open({
      directory,
      ...how,
      ...(driver !== undefined && { driver }),
      ...(writeBufferBytes !== undefined && { writeBufferBytes }),
      ...(blockCacheBytes !== undefined && { blockCacheBytes }),
      ...(compression !== undefined && { compression }),
    });
  }
}

/** Flink's name for it since 1.13. */
export const EmbeddedRocksDBStateBackend: typeof RocksDBStateBackend = RocksDBStateBackend;

/** Files that lie in the job's own directory: those of a savepoint belong to the user. */
function uploadedFilesOf(
  { mayReuse }: KeyedStateBackendOptions,
  { origin }: RestoredStore,
): UploadedFiles {
  const uploaded = new UploadedFiles();
  if (mayReuse === undefined || origin === undefined) return uploaded;
  uploaded.restore(origin.shared.filter(({ state }) => mayReuse(state)));
  return uploaded;
}

async function residentCopyOf(
  { store, registry }: RestoredStore,
  layout: KeyLayout,
): Promise<ResidentCopy> {
  const resident = new ResidentCopy();
  for (const { id } of registry.all) {
    await scanPages(store, layout.rangeOfState(id), (page) => {
      for (const { key, value } of page) resident.put(key, value);
    });
  }
  return resident;
}
