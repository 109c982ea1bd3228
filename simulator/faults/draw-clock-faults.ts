// Draws what befalls clocks: dates that are wrong, set, repeated or stand still, and bad crystals.

import { type Draft, momentOf, pick, windowOf } from './draft.ts';
import type { Fault } from './fault.ts';

export const CLOCK_DRAWERS = {
  'clock-offset': drawClockOffset,
  'clock-step': drawClockStep,
  'clock-leap': drawClockLeap,
  'clock-freeze': drawClockFreeze,
  'clock-drift': drawClockDrift,
};

const STEPS_MS = [-86_400_000, -3_600_000, -1_000, -1, 1, 1_000, 3_600_000, 86_400_000];

function drawClockStep(draft: Draft): readonly Fault[] {
  const host = pick(draft, draft.mix.hosts);
  return [{ kind: 'clock-step', host, atMs: momentOf(draft), byMs: pick(draft, STEPS_MS) }];
}

function drawClockOffset(draft: Draft): readonly Fault[] {
  return [
    { kind: 'clock-offset', host: pick(draft, draft.mix.hosts), byMs: pick(draft, STEPS_MS) },
  ];
}

function drawClockLeap(draft: Draft): readonly Fault[] {
  const host = pick(draft, draft.mix.hosts);
  // At once, or as time servers smear it, sped up to fit into a run.
  const smearMs = pick(draft, [0, 2_000, 20_000]);
  return [{ kind: 'clock-leap', host, atMs: momentOf(draft), smearMs }];
}

function drawClockFreeze(draft: Draft): readonly Fault[] {
  return [{ kind: 'clock-freeze', ...windowOf(draft), host: pick(draft, draft.mix.hosts) }];
}

function drawClockDrift(draft: Draft): readonly Fault[] {
  return [
    {
      kind: 'clock-drift',
      ...windowOf(draft),
      host: pick(draft, draft.mix.hosts),
      // 100 ppm is a bad crystal; 100,000 is a virtual machine that lost its clock source.
      ppm: pick(draft, [-100_000, -10_000, -100, 100, 10_000, 100_000]),
    },
  ];
}
