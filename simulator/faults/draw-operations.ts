// Draws what operators do to a job: at any moment, or right after something has happened in it.

import { type Draft, momentOf, type OperationMix, pick } from './draft.ts';
import type { Fault, Mark, OperationFault } from './fault.ts';

type Drawer = (draft: Draft) => readonly Fault[];

/** For whoever says nothing of the job. */
const ANY_JOB: OperationMix = {
  parallelismMax: 4,
  rescaleVia: ['savepoint', 'failover'],
  stateBackends: [],
  marks: [],
};
/** A run seldom sees anything much more often, but for what each task tells. */
const NTH_MAX = 6;
/** From within what it waited for to well after it. */
const AFTER_MS = [0, 1, 7, 40, 150];

export const OPERATION_DRAWERS: Readonly<Record<OperationFault['kind'], Drawer>> = {
  savepoint: (draft) => [{ kind: 'savepoint', ...triggerOf(draft) }],
  'stop-with-savepoint': (draft) => [{ kind: 'stop-with-savepoint', ...triggerOf(draft) }],
  rescale: (draft) => {
    const { parallelismMax, rescaleVia } = operationsOf(draft);
    const trigger = triggerOf(draft);
    const parallelism = 1 + draft.dice.below(parallelismMax);
    return [{ kind: 'rescale', ...trigger, parallelism, via: pick(draft, rescaleVia) }];
  },
  cancel: (draft) => [{ kind: 'cancel', ...triggerOf(draft) }],
  upgrade: (draft) => [{ kind: 'upgrade', ...triggerOf(draft) }],
  'switch-backend': (draft) => {
    const { stateBackends } = operationsOf(draft);
    if (stateBackends.length === 0) return [];
    return [{ kind: 'switch-backend', ...triggerOf(draft), backend: pick(draft, stateBackends) }];
  },
};

function triggerOf(draft: Draft): { readonly atMs: number; readonly after?: Mark } {
  const { marks } = operationsOf(draft);
  if (marks.length === 0 || draft.dice.chance(0.5)) return { atMs: momentOf(draft) };
  const after = { mark: pick(draft, marks), nth: 1 + draft.dice.below(NTH_MAX) };
  return { atMs: pick(draft, AFTER_MS), after };
}

function operationsOf({ mix }: Draft): OperationMix {
  return mix.operations ?? ANY_JOB;
}
