// The state backends that keep working state on the heap. They are one under several names, which
// differ in where checkpoints go by default: Flink's presets.

import type { CheckpointPlace } from '../checkpoint/checkpoint-place.ts';
import type { CheckpointStorage } from '../checkpoint/checkpoint-storage.ts';
import { jobManagerCheckpointStorage } from '../checkpoint/job-manager-checkpoint-storage.ts';
import { checkInteger } from '../graph/config-check.ts';
import { genericSerializer } from '../stream/serializers/generic-serializer.ts';
import { HeapKeyedStateBackend } from './heap/heap-keyed-state-backend.ts';
import { restoreStates } from './heap/restored-states.ts';
import type { KeyedStateBackend, KeyedStateBackendOptions, StateBackend } from './state-backend.ts';

export class HashMapStateBackend implements StateBackend {
  readonly name: string;
  readonly checkpointStorage?: CheckpointPlace;

  /** `checkpointStorage`: unless the job names another. */
  constructor(name = 'hashmap', checkpointStorage?: CheckpointPlace) {
    this.name = name;
    if (checkpointStorage !== undefined) this.checkpointStorage = checkpointStorage;
  }

  async createKeyedStateBackend(options: KeyedStateBackendOptions): Promise<KeyedStateBackend> {
    const restored = await restoreStates(options, options.keySerializer ?? genericSerializer);
    return new HeapKeyedStateBackend(options, restored);
  }
}

export interface MemoryStateBackendOptions {
  /** Of one state of one subtask, as stored: it travels in a message. Bytes; default 5 MiB. */
  readonly maxStateSize?: number;
}

/** Checkpoints go to the JobManager, which keeps them in its directory if it has one. */
export class MemoryStateBackend implements StateBackend {
  readonly name = 'memory';
  readonly checkpointStorage: CheckpointStorage;
  readonly ownsStorage = true;
  readonly #heap = new HashMapStateBackend('memory');

  /** OP-E302 for a size that is no positive integer. */
  constructor({ maxStateSize }: MemoryStateBackendOptions = {}) {
    if (maxStateSize !== undefined) {
      checkInteger({ key: 'state.backend.memory.max-state-size', value: maxStateSize, min: 1 });
    }
    this.checkpointStorage = jobManagerCheckpointStorage(maxStateSize);
  }

  createKeyedStateBackend(options: KeyedStateBackendOptions): Promise<KeyedStateBackend> {
    return this.#heap.createKeyedStateBackend(options);
  }
}

/** Checkpoints go to a directory: this one, or the one of `env.setCheckpointStorage()`. */
export class FsStateBackend implements StateBackend {
  readonly name = 'fs';
  readonly checkpointStorage?: CheckpointPlace;
  readonly #heap = new HashMapStateBackend('fs');

  constructor(directory?: string) {
    if (directory !== undefined) this.checkpointStorage = directory;
  }

  createKeyedStateBackend(options: KeyedStateBackendOptions): Promise<KeyedStateBackend> {
    return this.#heap.createKeyedStateBackend(options);
  }
}
