// Draws a plan from a seed, swarm style: each seed leaves some kinds out entirely and varies the
// intensity of the rest, because faults that are always on hide what only their absence shows. One
// stream per kind, so that allowing another kind changes no draw of the others.

import { assert } from '../../engine/core/assert.ts';
import type { Address } from '../../engine/environment/network.ts';
import type { Random } from '../../engine/environment/random.ts';
import { type Draft, type FaultMix, pick, windowOf } from './draft.ts';
import { CLOCK_DRAWERS } from './draw-clock-faults.ts';
import { DISK_DRAWERS } from './draw-disk-faults.ts';
import { LINK_DRAWERS } from './draw-link-faults.ts';
import { OPERATION_DRAWERS } from './draw-operations.ts';
import { drawPause, drawSlowStart, drawStops } from './draw-process-faults.ts';
import { type Corruption, FAULT_KINDS, type Fault, type FaultKind } from './fault.ts';
import type { FaultPlan } from './fault-plan.ts';

export type { FaultMix } from './draft.ts';

/** Half of the kinds on average: any two kinds are met together, and apart, in a quarter each. */
const INCLUDED = 0.5;
const DEFAULT_MAX_PER_KIND = 4;
const DEFAULT_CHECKPOINTS_MAX = 8;
const DEFAULT_CORRUPTIONS: readonly Corruption[] = ['bit-flip', 'truncate', 'missing', 'swap'];

export function drawPlan(random: Random, mix: FaultMix): FaultPlan {
  assert(mix.healAtMs > 0, 'Cannot draw faults for a safety phase of 0 ms');
  assert(mix.hosts.length > 0, 'Cannot draw faults for a world without hosts');
  const faults = FAULT_KINDS.filter((kind) => mix.kinds.includes(kind)).flatMap((kind) => {
    const dice = random.fork(`fault/${kind}`);
    if (!dice.chance(INCLUDED)) return [];
    const count = 1 + dice.below(mix.maxPerKind ?? DEFAULT_MAX_PER_KIND);
    // A stream for each fault: one with more draws must not shift the next.
    return Array.from({ length: count }, (_, index) =>
      DRAWERS[kind]({ dice: dice.fork(String(index)), mix }),
    ).flat();
  });
  return { healAtMs: mix.healAtMs, faults };
}

const DRAWERS: Readonly<Record<FaultKind, (draft: Draft) => readonly Fault[]>> = {
  ...LINK_DRAWERS,
  ...CLOCK_DRAWERS,
  ...DISK_DRAWERS,
  ...OPERATION_DRAWERS,
  crash: (draft) => drawStops(draft, 'crash'),
  // Enumerated, never drawn.
  'crash-point': () => [],
  kill: (draft) => drawStops(draft, 'kill'),
  pause: drawPause,
  'slow-start': drawSlowStart,
  'corrupt-checkpoint': drawCorruption,
  'http-error': (draft) => [
    {
      kind: 'http-error',
      ...windowOf(draft),
      ...strikeOf(draft),
      answer: pick(draft, ['unavailable', 'throttled', 'server-error'] as const),
    },
  ],
  'http-lost': (draft) => [{ kind: 'http-lost', ...windowOf(draft), ...strikeOf(draft) }],
  buggify: drawChoice,
};

function drawCorruption(draft: Draft): readonly Fault[] {
  const { dice, mix } = draft;
  return [
    {
      kind: 'corrupt-checkpoint',
      afterCheckpoint: 1 + dice.below(mix.checkpointsMax ?? DEFAULT_CHECKPOINTS_MAX),
      artefact: pick(draft, ['newest', 'any'] as const),
      corruption: pick(draft, mix.corruptions ?? DEFAULT_CORRUPTIONS),
    },
  ];
}

function drawChoice(draft: Draft): readonly Fault[] {
  const { sites = [] } = draft.mix;
  if (sites.length === 0) return [];
  const site = pick(draft, sites);
  // All the time, as in FoundationDB: many a site is passed a few times in a run.
  const window = { fromMs: 0, toMs: draft.mix.healAtMs };
  return [{ kind: 'buggify', site, ...window, oneIn: pick(draft, [1, 2, 5, 20]) }];
}

function strikeOf(draft: Draft): { readonly host: Address; readonly oneIn: number } {
  const { services, hosts } = draft.mix;
  return { host: pick(draft, services ?? hosts), oneIn: pick(draft, [1, 2, 5, 20]) };
}
