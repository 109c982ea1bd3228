// Draws what befalls links: messages that are lost, repeated, late, held, altered, or find no room.

import type { Address } from '../../engine/environment/network.ts';
import { type Draft, momentOf, pick, windowOf } from './draft.ts';
import type { Fault, LinkFault } from './fault.ts';

type Drawer = (draft: Draft) => readonly Fault[];

export const LINK_DRAWERS: Readonly<Record<LinkFault['kind'] | 'partition', Drawer>> = {
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
  clog: (draft) => drawOneWay(draft, 'clog'),
  swizzle: (draft) => [
    { kind: 'swizzle', ...windowOf(draft), hosts: shuffled(draft), onward: shuffled(draft) },
  ],
  corruption: (draft) => [
    { kind: 'corruption', ...windowOf(draft), oneIn: pick(draft, [2, 10, 50]) },
  ],
  'half-open': (draft) => drawOneWay(draft, 'half-open'),
  'slow-reader': (draft) => [
    {
      kind: 'slow-reader',
      ...windowOf(draft),
      host: pick(draft, draft.mix.hosts),
      eachMs: pick(draft, [1, 5, 20]),
    },
  ],
  'memory-pressure': (draft) => [
    {
      kind: 'memory-pressure',
      ...windowOf(draft),
      host: pick(draft, draft.mix.hosts),
      room: pick(draft, [1, 4, 16]),
      drainMs: pick(draft, [2, 10, 50]),
    },
  ],
};

/** Two different hosts, or none where there is only one. */
function linkOf(draft: Draft): { readonly from: Address; readonly to: Address } | undefined {
  const { hosts } = draft.mix;
  const from = pick(draft, hosts);
  const others = hosts.filter((host) => host !== from);
  return others.length === 0 ? undefined : { from, to: pick(draft, others) };
}

function drawOneWay(draft: Draft, kind: 'clog' | 'half-open'): readonly Fault[] {
  const link = linkOf(draft);
  return link === undefined ? [] : [{ kind, ...windowOf(draft), ...link }];
}

/** All hosts, each order as likely as the others. */
function shuffled({ dice, mix }: Draft): readonly Address[] {
  const hosts = [...mix.hosts];
  for (let left = hosts.length; left > 1; left -= 1) {
    const at = dice.below(left);
    const [one, other] = [hosts[at], hosts[left - 1]];
    if (one === undefined || other === undefined) continue;
    hosts[at] = other;
    hosts[left - 1] = one;
  }
  return hosts;
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
