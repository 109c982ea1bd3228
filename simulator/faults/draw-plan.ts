// Draws a plan from a seed, swarm style: each seed leaves some kinds out entirely and varies the
// intensity of the rest, because faults that are always on hide what only their absence shows. One
// stream per kind, so that allowing another kind changes no draw of the others.

import { assert, present } from '../../engine/core/assert.ts';
import type { Address } from '../../engine/environment/network.ts';
import type { Random } from '../../engine/environment/random.ts';
import {
  type Corruption,
  FAULT_KINDS,
  type DiskFault,
  type Fault,
  type FaultKind,
} from './fault.ts';
import type { FaultPlan } from './fault-plan.ts';

/** What may be drawn. */
export interface FaultMix {
  /** Each seed includes about half of these. */
  readonly kinds: readonly FaultKind[];
  /** Hosts that may crash, freeze, have wrong clocks and bad disks, and the ends of links. */
  readonly hosts: readonly Address[];
  /** Hosts of the list above that must stay up: clients, the simulated services. */
  readonly sturdy?: readonly Address[];
  /** Hosts that answer HTTP; those of the first list by default. */
  readonly services?: readonly Address[];
  /** The end of the safety phase; every fault begins before. */
  readonly healAtMs: number;
  /** At most this many faults of one kind; 4 by default. */
  readonly maxPerKind?: number;
  /** Where disk faults strike, by path prefix; everywhere by default. */
  readonly pathPrefixes?: readonly string[];
  /** Checkpoints that a run may complete at most; corruption strikes after one of them. */
  readonly checkpointsMax?: number;
  /** What corruption may do; what a disk does by default. */
  readonly corruptions?: readonly Corruption[];
}

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

interface Draft {
  readonly dice: Random;
  readonly mix: FaultMix;
}

const DRAWERS: Readonly<Record<FaultKind, (draft: Draft) => readonly Fault[]>> = {
  crash: (draft) => drawStops(draft, 'crash'),
  kill: (draft) => drawStops(draft, 'kill'),
  pause: drawPause,
  partition: drawPartition,
  loss: (draft) => [{ kind: 'loss', ...windowOf(draft), oneIn: pick(draft, [2, 5, 20, 100]) }],
  duplicate: (draft) => [
    {
      kind: 'duplicate',
      ...windowOf(draft),
      oneIn: pick(draft, [2, 5, 20, 100]),
      maxMs: pick(draft, [0, 5, 50, 2_000]),
    },
  ],
  reorder: (draft) => [
    {
      kind: 'reorder',
      ...windowOf(draft),
      oneIn: pick(draft, [2, 5, 20]),
      maxMs: pick(draft, [3, 20, 200, 2_000]),
    },
  ],
  latency: (draft) => [
    {
      kind: 'latency',
      ...windowOf(draft),
      host: pick(draft, draft.mix.hosts),
      addMs: pick(draft, [10, 100, 1_000, 10_000]),
    },
  ],
  clog: drawClog,
  'clock-step': (draft) => [
    {
      kind: 'clock-step',
      host: pick(draft, draft.mix.hosts),
      atMs: momentOf(draft),
      byMs: pick(draft, [-86_400_000, -3_600_000, -1_000, -1, 1, 1_000, 3_600_000, 86_400_000]),
    },
  ],
  'clock-drift': (draft) => [
    {
      kind: 'clock-drift',
      ...windowOf(draft),
      host: pick(draft, draft.mix.hosts),
      // 100 ppm is a bad crystal; 100,000 is a virtual machine that lost its clock source.
      ppm: pick(draft, [-100_000, -10_000, -100, 100, 10_000, 100_000]),
    },
  ],
  'sync-failure': (draft) => [drawDiskFault(draft, 'sync-failure')],
  'no-space': (draft) => [drawDiskFault(draft, 'no-space')],
  'io-error': (draft) => [drawDiskFault(draft, 'io-error')],
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
};

/** Half of them are followed by another one that may strike during the recovery. */
function drawStops(draft: Draft, kind: 'crash' | 'kill'): readonly Fault[] {
  const { dice } = draft;
  const host = pickFrail(draft);
  if (host === undefined) return [];
  const atMs = momentOf(draft);
  const downMs = pick(draft, [0, 1, 50, 500, 5_000]);
  const first: Fault = { kind, host, atMs, downMs };
  if (dice.chance(0.5)) return [first];
  const again = present(pickFrail(draft), 'Cannot pick a host that was there before');
  const secondMs = atMs + downMs + dice.below(pick(draft, [3, 30, 300, 3_000]));
  if (secondMs >= draft.mix.healAtMs) return [first];
  return [first, { kind, host: again, atMs: secondMs, downMs: dice.below(1_000) }];
}

function drawPause(draft: Draft): readonly Fault[] {
  const host = pickFrail(draft);
  if (host === undefined) return [];
  // From a garbage collection to beyond every heartbeat timeout.
  const forMs = pick(draft, [20, 500, 5_000, 60_000]);
  return [{ kind: 'pause', host, atMs: momentOf(draft), forMs }];
}

/** Two different hosts, or none where there is only one. */
function linkOf(draft: Draft): { readonly from: Address; readonly to: Address } | undefined {
  const { hosts } = draft.mix;
  const from = pick(draft, hosts);
  const others = hosts.filter((host) => host !== from);
  return others.length === 0 ? undefined : { from, to: pick(draft, others) };
}

function drawClog(draft: Draft): readonly Fault[] {
  const link = linkOf(draft);
  return link === undefined ? [] : [{ kind: 'clog', ...windowOf(draft), ...link }];
}

function drawPartition(draft: Draft): readonly Fault[] {
  const { dice } = draft;
  const link = linkOf(draft);
  if (link === undefined) return [];
  return [
    {
      kind: 'partition',
      ...link,
      atMs: momentOf(draft),
      healMs: pick(draft, [5, 100, 2_000, 20_000, 120_000]),
      twoWay: dice.chance(0.5),
    },
  ];
}

function drawDiskFault(draft: Draft, kind: DiskFault['kind']): Fault {
  return {
    kind,
    ...windowOf(draft),
    host: pick(draft, draft.mix.hosts),
    pathPrefix: pick(draft, draft.mix.pathPrefixes ?? ['/']),
    oneIn: pick(draft, [1, 2, 10, 50]),
  };
}

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

function strikeOf(draft: Draft): { readonly host: Address; readonly oneIn: number } {
  const { services, hosts } = draft.mix;
  return { host: pick(draft, services ?? hosts), oneIn: pick(draft, [1, 2, 5, 20]) };
}

function momentOf({ dice, mix }: Draft): number {
  return dice.below(mix.healAtMs);
}

/** At least 1 ms long, and inside the safety phase. */
function windowOf(draft: Draft): { readonly fromMs: number; readonly toMs: number } {
  const fromMs = momentOf(draft);
  return { fromMs, toMs: fromMs + 1 + draft.dice.below(draft.mix.healAtMs - fromMs) };
}

function pick<T>({ dice }: Draft, choices: readonly T[]): T {
  return choices[dice.below(choices.length)] as T;
}

function pickFrail(draft: Draft): Address | undefined {
  const { hosts, sturdy = [] } = draft.mix;
  const frail = hosts.filter((host) => !sturdy.includes(host));
  return frail.length === 0 ? undefined : pick(draft, frail);
}
