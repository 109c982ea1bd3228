// Corruption: a checkpoint damaged at rest is never restored and never ignored. The engine survives
// the damage or refuses to go on, naming what is damaged; what it has put out is right in either
// case.

import { defineScenario, type Scenario } from '../scenario.ts';
import { countByPage } from '../workloads/count-by-page.ts';
import {
  alignedAndUnaligned,
  CLUSTER_FAULTS,
  DISK_FAULTS,
  SILENT_DISK_FAULTS,
} from './variants.ts';

export const corruptionScenarios: readonly Scenario[] = [
  ...alignedAndUnaligned({
    id: 'corruption/damaged-checkpoint',
    claim: 'A damaged checkpoint is detected and named, and never becomes state.',
    tags: ['corruption'],
    ...countByPage({ records: 160 }),
    checkpoints: { retained: 2 },
    faults: ['corrupt-checkpoint', 'crash', 'loss'],
    mayRefuse: true,
  }),
  defineScenario({
    id: 'corruption/falsified-checkpoint',
    claim: 'What stands in place of an artefact never becomes state, however whole it is itself.',
    tags: ['corruption'],
    ...countByPage({ records: 160 }),
    checkpoints: { retained: 3 },
    faults: ['corrupt-checkpoint', 'crash', 'loss'],
    corruptions: ['swap', 'stale', 'duplicate', 'wrong-length'],
    mayRefuse: true,
  }),
  ...alignedAndUnaligned({
    id: 'corruption/rotten-disk',
    claim: 'A disk that loses, misplaces and forgets data in silence never makes output wrong.',
    tags: ['corruption'],
    ...countByPage({ records: 160 }),
    checkpoints: { retained: 2 },
    backends: ['memory', 'fs'],
    backendsOnRequest: ['rocksdb'],
    faults: [...SILENT_DISK_FAULTS, 'crash', 'kill', 'loss'],
    mayRefuse: true,
  }),
  defineScenario({
    id: 'corruption/unlimited',
    claim: 'However much is damaged, and never made good, output is never wrong.',
    tags: ['corruption'],
    ...countByPage({ records: 160 }),
    checkpoints: { retained: 3 },
    faults: ['corrupt-checkpoint', ...SILENT_DISK_FAULTS, ...DISK_FAULTS, ...CLUSTER_FAULTS],
    corruptions: ['bit-flip', 'truncate', 'missing', 'swap', 'stale', 'duplicate', 'wrong-length'],
    safetyMs: 6_000,
    mayRefuse: true,
  }),
];
