// Draws what befalls disks: calls that fail, are slow or go wrong unseen, and bits that rot.

import { type Draft, momentOf, pick, windowOf } from './draft.ts';
import type { DiskFault, Fault } from './fault.ts';

type Drawer = (draft: Draft) => readonly Fault[];

export const DISK_DRAWERS: Readonly<Record<DiskFault['kind'], Drawer>> = {
  'sync-failure': (draft) => drawFailing(draft, 'sync-failure'),
  'no-space': (draft) => drawFailing(draft, 'no-space'),
  'io-error': (draft) => drawFailing(draft, 'io-error'),
  'slow-disk': (draft) => [
    {
      kind: 'slow-disk',
      ...windowOf(draft),
      host: pick(draft, draft.mix.hosts),
      factor: pick(draft, [5, 50, 500]),
    },
  ],
  'short-io': (draft) => drawFailing(draft, 'short-io', silentPrefixesOf(draft)),
  'stale-read': (draft) => drawFailing(draft, 'stale-read', silentPrefixesOf(draft)),
  'lost-write': (draft) => drawFailing(draft, 'lost-write', silentPrefixesOf(draft)),
  'misdirected-write': (draft) => drawFailing(draft, 'misdirected-write', silentPrefixesOf(draft)),
  'bit-rot': (draft) => [
    {
      kind: 'bit-rot',
      host: pick(draft, draft.mix.hosts),
      pathPrefix: pick(draft, silentPrefixesOf(draft)),
      atMs: momentOf(draft),
    },
  ],
};

function drawFailing(
  draft: Draft,
  kind: Exclude<DiskFault['kind'], 'slow-disk' | 'bit-rot'>,
  prefixes = draft.mix.pathPrefixes ?? ['/'],
): readonly Fault[] {
  return [
    {
      kind,
      ...windowOf(draft),
      host: pick(draft, draft.mix.hosts),
      pathPrefix: pick(draft, prefixes),
      oneIn: pick(draft, [1, 2, 10, 50]),
    },
  ];
}

function silentPrefixesOf({ mix }: Draft): readonly string[] {
  return mix.silentPrefixes ?? mix.pathPrefixes ?? ['/'];
}
