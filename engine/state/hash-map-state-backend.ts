// The state backend that keeps working state on the heap. `memory` and `fs` are this one backend
// under two names: they differ in the checkpoint storage that goes with them.

import { genericSerializer } from '../stream/serializers/generic-serializer.ts';
import { HeapKeyedStateBackend } from './heap/heap-keyed-state-backend.ts';
import { restoreStates } from './heap/restored-states.ts';
import type { KeyedStateBackend, KeyedStateBackendOptions, StateBackend } from './state-backend.ts';

export class HashMapStateBackend implements StateBackend {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  async createKeyedStateBackend(options: KeyedStateBackendOptions): Promise<KeyedStateBackend> {
    const restored = await restoreStates(options, options.keySerializer ?? genericSerializer);
    return new HeapKeyedStateBackend(options, restored);
  }
}

/** Snapshots go to the JobManager. */
export function memoryStateBackend(): StateBackend {
  return new HashMapStateBackend('memory');
}

/** Snapshots go to a directory. */
export function fsStateBackend(): StateBackend {
  return new HashMapStateBackend('fs');
}
