// A cluster that changes its state backend between two jobs: what the first has stored in the
// shared volume, the second may restore. Only for backends that keep savepoints in that volume.

import type { StateBackend } from '../../engine/state/state-backend.ts';
import type { BackendName } from '../backend-names.ts';
import type { OpenBackend } from '../cluster/backends/backend-profile.ts';
import { openBackend } from '../cluster/backends/open-backend.ts';

export interface PairBackend {
  readonly open: OpenBackend;
  /** From the next submission on. */
  readonly change: () => void;
}

export function pairBackend(before: BackendName, after: BackendName): PairBackend {
  let isChanged = false;
  return {
    open: (stage) => {
      const first = openBackend(before)(stage);
      const second = openBackend(after)(stage);
      return {
        ...first,
        hasLocalDisks: first.hasLocalDisks || second.hasLocalDisks,
        stateBackend: (): StateBackend => (isChanged ? second : first).stateBackend(),
      };
    },
    change: () => {
      isChanged = true;
    },
  };
}
