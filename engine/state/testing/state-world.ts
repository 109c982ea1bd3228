// The stage for tests of keyed state backends: opens subtasks of one operator, moves processing
// time by hand, takes snapshots into memory and restores them at any parallelism. Works for every
// backend.

import { present } from '../../core/assert.ts';
import { checkpointId } from '../../core/ids.ts';
import { voidNamespaceSerializer } from '../../stream/serializers/void-namespace.ts';
import type { TypeSerializer } from '../../stream/type-serializer.ts';
import { assignKeyedHandles } from '../assign-keyed-handles.ts';
import { keyGroupOf, keyGroupRangeOf, operatorIndexOf } from '../key-groups.ts';
import type { KeyedStateBackend, KeyedStateBackendOptions } from '../state-backend.ts';
import type { KeyedStateHandle } from '../state-handle.ts';
import { MemoryStreams, readMemoryHandle } from './memory-streams.ts';

export type CreateBackend = (options: KeyedStateBackendOptions) => Promise<KeyedStateBackend>;

export interface OpenOptions {
  readonly parallelism?: number;
  readonly restore?: readonly KeyedStateHandle[];
  readonly keySerializer?: TypeSerializer<unknown>;
}

/** Namespaces outside of windows. */
export const VOID = voidNamespaceSerializer;

export class StateWorld {
  readonly maxParallelism = 16;
  readonly streams = new MemoryStreams();
  nowMs = 0;
  readonly #create: CreateBackend;
  #checkpoint = 0;

  constructor(create: CreateBackend) {
    this.#create = create;
  }

  /** All subtasks of the operator, by index. */
  async openAll(options: OpenOptions = {}): Promise<readonly KeyedStateBackend[]> {
    const { parallelism = 1, restore = [], keySerializer } = options;
    const { maxParallelism } = this;
    const subtasks: KeyedStateBackend[] = [];
    for (let subtaskIndex = 0; subtaskIndex < parallelism; subtaskIndex++) {
      const range = keyGroupRangeOf({ subtaskIndex, parallelism, maxParallelism });
      const opened = await this.#create({
        operatorName: 'counter',
        maxParallelism,
        range,
        ...(keySerializer && { keySerializer }),
        now: () => this.nowMs,
        restore: assignKeyedHandles(restore, range),
        read: readMemoryHandle,
        trackDigest: true,
      });
      subtasks.push(opened);
    }
    return subtasks;
  }

  /** One subtask that owns everything. */
  async open(options: Omit<OpenOptions, 'parallelism'> = {}): Promise<KeyedStateBackend> {
    const [backend] = await this.openAll(options);
    return present(backend, 'Cannot open a backend: no subtask');
  }

  /** The subtask of `subtasks` that owns `key`, with the key set. */
  async at(subtasks: readonly KeyedStateBackend[], key: unknown): Promise<KeyedStateBackend> {
    const group = keyGroupOf(key, this.maxParallelism);
    const index = operatorIndexOf(group, subtasks.length, this.maxParallelism);
    const backend = present(subtasks[index], `Cannot find subtask ${index}`);
    await useKey(backend, key);
    return backend;
  }

  startSnapshot(backend: KeyedStateBackend): Promise<KeyedStateHandle | undefined> {
    this.#checkpoint++;
    return backend.snapshot(checkpointId(this.#checkpoint), this.streams);
  }

  async snapshot(...subtasks: readonly KeyedStateBackend[]): Promise<readonly KeyedStateHandle[]> {
    const handles: KeyedStateHandle[] = [];
    for (const subtask of subtasks) {
      const handle = await this.startSnapshot(subtask);
      if (handle !== undefined) handles.push(handle);
    }
    return handles;
  }

  /** What the same job finds after a failure: a snapshot, then a new backend from it. */
  async reopen(backend: KeyedStateBackend): Promise<KeyedStateBackend> {
    const restore = await this.snapshot(backend);
    await backend.dispose();
    return this.open({ restore });
  }
}

/** Makes it the current key, once its state is readable. */
export async function useKey(backend: KeyedStateBackend, key: unknown): Promise<void> {
  await backend.prepare?.([key]);
  backend.setCurrentKey(key);
}

/** Backends differ in the order of keys and entries: compare them as sorted texts. */
export function sortedTexts(values: Iterable<unknown>): readonly string[] {
  return Array.from(values, String).sort();
}
