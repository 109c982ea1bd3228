// A directory for one benchmark, with what a host has: stores, files, and checkpoint storage in a
// directory, durable as in production. Goes with the process.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { CheckpointStreamFactory } from '../../checkpoint/checkpoint-storage.ts';
import { directoryCheckpointStorage } from '../../checkpoint/store-checkpoint-storage.ts';
import type { CheckpointId } from '../../core/ids.ts';
import { jobId } from '../../core/ids.ts';
import type { KeyValueStores } from '../../environment/key-value-store.ts';
import { nodeEnvironment } from '../../environment/node/node-environment.ts';
import { NodeKeyValueStores } from '../../environment/node/node-key-value-stores.ts';
import { assignKeyedHandles } from '../../state/assign-keyed-handles.ts';
import { keyGroupRangeOf } from '../../state/key-groups.ts';
import type { KeyedStateBackend, StateBackend } from '../../state/state-backend.ts';
import type { KeyedStateHandle } from '../../state/state-handle.ts';
import type { TypeSerializer } from '../../stream/type-serializer.ts';

export const MAX_PARALLELISM = 128;

export interface OpenedSubtask {
  readonly restore?: readonly KeyedStateHandle[];
  /** Index and parallelism; alone, if absent. */
  readonly subtask?: readonly [number, number];
  readonly keySerializer?: TypeSerializer<unknown>;
}

export class BenchDisk {
  readonly root = mkdtempSync(join(tmpdir(), 'onceproof-bench-'));
  readonly stores: KeyValueStores = new NodeKeyValueStores(this.root);
  readonly #environment = nodeEnvironment({ root: this.root });
  readonly #job = jobId('bench');
  readonly #storage = directoryCheckpointStorage('/checkpoints').open({
    environment: this.#environment,
    job: this.#job,
    storeDirectory: undefined,
    dataInlineThresholdBytes: 20 * 1024,
  });
  #directories = 0;

  constructor() {
    process.on('exit', () => {
      rmSync(this.root, { recursive: true, force: true });
    });
  }

  /** A directory that is not there yet, as the stores see it. */
  freshDirectory(): string {
    this.#directories += 1;
    return `/local/${this.#directories}`;
  }

  open(backend: StateBackend, opened: OpenedSubtask = {}): Promise<KeyedStateBackend> {
    const { restore = [], subtask = [0, 1], keySerializer } = opened;
    const [subtaskIndex, parallelism] = subtask;
    const range = keyGroupRangeOf({ subtaskIndex, parallelism, maxParallelism: MAX_PARALLELISM });
    const { filesystem } = this.#environment;
    const { worker } = this.#storage;
    return backend.createKeyedStateBackend({
      operatorName: 'bench',
      maxParallelism: MAX_PARALLELISM,
      range,
      ...(keySerializer && { keySerializer }),
      now: () => 0,
      restore: assignKeyedHandles(restore, range),
      read: (handle) => worker.read(handle),
      mayReuse: (handle) => worker.isOwn(handle),
      local: { filesystem, stores: this.stores, directory: this.freshDirectory() },
    });
  }

  async streamsFor(checkpoint: CheckpointId): Promise<CheckpointStreamFactory> {
    const { coordinator, worker } = this.#storage;
    await coordinator.initializeBase(this.#job);
    await coordinator.initializeCheckpoint(this.#job, checkpoint);
    return worker.streamsFor(checkpoint, undefined);
  }
}
