// Draws what befalls hosts: processes that stop, freeze and start slowly, and clocks that are
// wrong.

import { present } from '../../engine/core/assert.ts';
import { type Draft, momentOf, pick, pickFrail } from './draft.ts';
import type { Fault } from './fault.ts';

/** Half of them are followed by another one that may strike during the recovery. */
export function drawStops(draft: Draft, kind: 'crash' | 'kill'): readonly Fault[] {
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

export function drawPause(draft: Draft): readonly Fault[] {
  const host = pickFrail(draft);
  if (host === undefined) return [];
  // From a garbage collection to beyond every heartbeat timeout.
  const forMs = pick(draft, [20, 500, 5_000, 60_000]);
  return [{ kind: 'pause', host, atMs: momentOf(draft), forMs }];
}

export function drawSlowStart(draft: Draft): readonly Fault[] {
  const host = pickFrail(draft);
  if (host === undefined) return [];
  const downMs = pick(draft, [0, 50, 500]);
  // Until after the heartbeats of the others have given it up.
  const slowMs = pick(draft, [20, 500, 3_000, 20_000]);
  return [{ kind: 'slow-start', host, atMs: momentOf(draft), downMs, slowMs }];
}
