// Scenarios with all their faults, on a backend that refuses state which was not fetched: the
// runtime must ask for everything before it is needed, whatever goes wrong meanwhile.

import test from 'ava';

import { SlowStateBackend } from '../engine/runtime/testing/slow-state-backend.ts';
import { macrotask } from '../simulator/index.ts';
import { inDirectory } from './cluster/backends/directory-backends.ts';
import { simulate } from './simulate.ts';
import { scenarios } from './suites/index.ts';

/** One of each kind of keyed operator, of checkpoint and of rescaling. */
const IDS: readonly string[] = [
  'failover/keyed-count-unaligned',
  'windows/sliding-unaligned',
  'windows/session',
  'rescaling/up-by-savepoint-unaligned',
  'rescaling/down-by-failover',
  'checkpointing/event-timers-rescaled',
  'checkpointing/backpressure-aligned-timeout',
  'corruption/damaged-checkpoint-unaligned',
  'state/processing-timers',
  'state/large-values',
];

const SEEDS = ['3c6ef372fe94f82a', '78dde6e5fd29f054'];

for (const id of IDS) {
  test.serial(`${id} holds where state is fetched`, async (t) => {
    const scenario = scenarios.find((one) => one.id === id);
    if (scenario === undefined) return t.fail('no such scenario');
    for (const seed of SEEDS) {
      const state = new SlowStateBackend();
      const backend = inDirectory(() => state, { hasLocalDisks: true });
      const result = await simulate({ scenario, backend, seed, drain: macrotask });
      t.is(result.verdict, 'valid', `#${seed}: ${result.property ?? ''} ${result.message ?? ''}`);
      t.true(state.preparations > 0);
    }
    return undefined;
  });
}
