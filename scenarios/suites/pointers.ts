// What a leader goes on from: the newest complete checkpoint, and what the job remembers of it.
// Both are written in steps that may fail half-way, and either may be lost.

import { defineScenario, type Scenario } from '../scenario.ts';
import { countByPage } from '../workloads/count-by-page.ts';
import { DISK_FAULTS } from './variants.ts';

const TAGS = ['pointers'];

export const pointerScenarios: readonly Scenario[] = [
  defineScenario({
    ...countByPage({ records: 160 }),
    id: 'pointers/checkpoint-is-gone',
    claim: 'A checkpoint that was complete and cannot be found is missed, not passed over.',
    tags: TAGS,
    checkpoints: { intervalMs: 100, retained: 3 },
    faults: ['corrupt-checkpoint', 'crash', 'kill'],
    corruptions: ['missing'],
    mayRefuse: true,
  }),
  defineScenario({
    ...countByPage({ records: 160 }),
    id: 'pointers/half-written',
    claim:
      'An error while a checkpoint is published leaves open whether it is, until it is settled.',
    tags: TAGS,
    checkpoints: { intervalMs: 60 },
    faults: ['sync-failure', 'no-space', 'io-error', 'kill'],
  }),
  defineScenario({
    ...countByPage({ records: 160 }),
    id: 'pointers/half-written-and-failing-over',
    claim: 'Who fails over while a checkpoint may be complete waits until it is known.',
    tags: TAGS,
    checkpoints: { intervalMs: 60, retained: 2 },
    faults: ['crash', 'kill', ...DISK_FAULTS],
  }),
];
