// Two-phase commit: output becomes visible once, when its checkpoint is complete, whatever fails
// between sealing, completing, committing and telling.

import { nothingInProgress } from '../checkers/checkpoint-checkers.ts';
import { defineScenario, type Scenario, type ScenarioDefinition } from '../scenario.ts';
import { type Visit, visits } from '../workloads/visits.ts';
import { alignedAndUnaligned, CLUSTER_FAULTS, DISK_FAULTS } from './variants.ts';

const passThrough: ScenarioDefinition<Visit, Visit> = {
  id: 'two-phase-commit/pass-through',
  claim: 'Every record is in exactly one finished file.',
  tags: ['two-phase-commit'],
  workload: visits({ records: 150, recordsPerSecond: 50 }),
  checkpoints: { intervalMs: 100 },
  job: ({ source, sink }) => {
    source().sinkTo(sink()).uid('sink');
  },
  model: (records) => records,
  accountsFor: ({ id }) => [id],
  idOf: ({ id }) => id,
  faults: CLUSTER_FAULTS,
};

export const twoPhaseCommitScenarios: readonly Scenario[] = [
  ...alignedAndUnaligned(passThrough),
  ...alignedAndUnaligned({
    ...passThrough,
    id: 'two-phase-commit/bad-disk',
    claim: 'Every record is in exactly one finished file, on a disk that fails now and then.',
    faults: [...CLUSTER_FAULTS, ...DISK_FAULTS],
  }),
  defineScenario({
    ...passThrough,
    id: 'two-phase-commit/killed-writers',
    claim: 'Files that killed writers had in progress are removed by those who replace them.',
    // Nobody lives on after it was given up, so nobody writes behind the clean-up.
    faults: ['crash', 'kill'],
    checkers: [nothingInProgress],
  }),
];
