// A cluster whose state backend can be another one from the next submission on. What a job has
// stored, wherever that is, the next one may restore: the services of all are there all the time.

import { type RestorePoint, restorePointOf } from '../../../engine/checkpoint/restore-place.ts';
import type { CheckpointStorage } from '../../../engine/checkpoint/checkpoint-storage.ts';
import { schemeOf } from '../../../engine/checkpoint/storage-at.ts';
import { present } from '../../../engine/core/assert.ts';
import type { StateBackend } from '../../../engine/state/state-backend.ts';
import type { BackendProfile, OpenBackend } from './backend-profile.ts';

export class SwitchableBackend {
  readonly #openers: ReadonlyMap<string, OpenBackend>;
  readonly #profiles = new Map<string, BackendProfile>();
  #name: string;

  /** `name`: the first of them. */
  constructor(name: string, openers: ReadonlyMap<string, OpenBackend>) {
    this.#name = name;
    this.#openers = openers;
  }

  get name(): string {
    return this.#name;
  }

  /** From the next submission on. */
  switchTo(name: string): void {
    present(this.#profiles.get(name), `Cannot switch to backend "${name}": it is not there`);
    this.#name = name;
  }

  /** What the job of backend `before` has stored, as that of the present one has to name it. */
  placeOf(pointer: string, before: string): RestorePoint {
    const plain = { pointer, clients: {} };
    if (before === this.#name) return plain;
    if (schemeOf(pointer) !== undefined) {
      return restorePointOf({ place: pointer, ...this.#profileOf(before).clients }, (path) => path);
    }
    // A plain path is one in the storage of the job.
    const isShared = this.#profileOf(this.#name).services.length === 0;
    return isShared ? plain : restorePointOf(`file://${pointer}`, (path) => path);
  }

  readonly open: OpenBackend = (stage) => {
    for (const [name, open] of this.#openers) this.#profiles.set(name, open(stage));
    const all = [...this.#profiles.values()];
    const current = (): BackendProfile => this.#profileOf(this.#name);
    return {
      ...current(),
      hasLocalDisks: all.some(({ hasLocalDisks }) => hasLocalDisks),
      services: all.flatMap(({ services }) => services),
      stateBackend: (): StateBackend => current().stateBackend(),
      get checkpointStorage(): CheckpointStorage | undefined {
        return current().checkpointStorage;
      },
      get savepointDirectory(): string {
        return current().savepointDirectory;
      },
    };
  };

  #profileOf(name: string): BackendProfile {
    return present(this.#profiles.get(name), `Cannot find backend "${name}": it is not open`);
  }
}
