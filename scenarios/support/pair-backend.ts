// A cluster that changes its state backend between two jobs: what the first has stored, wherever
// that is, the second may restore. The services of both are there all the time.

import type { RestorePlace } from '../../engine/checkpoint/restore-place.ts';
import type { CheckpointStorage } from '../../engine/checkpoint/checkpoint-storage.ts';
import { schemeOf } from '../../engine/checkpoint/storage-at.ts';
import { present } from '../../engine/core/assert.ts';
import type { StateBackend } from '../../engine/state/state-backend.ts';
import type { BackendName } from '../backend-names.ts';
import type { BackendProfile, OpenBackend } from '../cluster/backends/backend-profile.ts';
import { openBackend } from '../cluster/backends/open-backend.ts';

export interface PairBackend {
  readonly before: string;
  readonly open: OpenBackend;
  /** From the next submission on. */
  readonly change: () => void;
  /** Of a savepoint of the first job, as the second has to name it. */
  readonly placeOf: (savepoint: string) => Exclude<RestorePlace, string>;
}

/** One that is set up in another way has to say which it is. */
export type PairedBackend =
  | BackendName
  | { readonly name: BackendName; readonly open: OpenBackend };

export function pairBackend(before: PairedBackend, after: PairedBackend): PairBackend {
  let isChanged = false;
  let opened: { readonly first: BackendProfile; readonly second: BackendProfile } | undefined;
  return {
    before: typeof before === 'string' ? before : before.name,
    open: (stage) => {
      const first = openerOf(before)(stage);
      // A world has no room for two of one kind, and its storage is to be the same.
      const second = before === after ? first : openerOf(after)(stage);
      opened = { first, second };
      const current = (): BackendProfile => (isChanged ? second : first);
      return {
        ...first,
        hasLocalDisks: first.hasLocalDisks || second.hasLocalDisks,
        services: before === after ? first.services : [...first.services, ...second.services],
        stateBackend: (): StateBackend => current().stateBackend(),
        get checkpointStorage(): CheckpointStorage | undefined {
          return current().checkpointStorage;
        },
        get savepointDirectory(): string {
          return current().savepointDirectory;
        },
      };
    },
    change: () => {
      isChanged = true;
    },
    placeOf: (savepoint) => {
      const { first, second } = present(opened, 'Cannot name a place before the cluster is there');
      if (schemeOf(savepoint) !== undefined) {
        return first === second ? { place: savepoint } : { place: savepoint, ...first.clients };
      }
      // A plain path is one in the storage of the job.
      return { place: second.services.length === 0 ? savepoint : `file://${savepoint}` };
    },
  };
}

function openerOf(backend: PairedBackend): OpenBackend {
  return typeof backend === 'string' ? openBackend(backend) : backend.open;
}
