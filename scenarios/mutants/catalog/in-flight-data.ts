// Mutants of barriers and of the data that a barrier overtakes.

import type { Mutant } from '../mutant.ts';

export const IN_FLIGHT_MUTANTS: readonly Mutant[] = [
  {
    name: 'skip-alignment',
    description: 'does not hold a channel back whose barrier is in, so its records count twice',
    standsFor: [],
    operator: 'M16',
    area: 'in-flight-data',
    file: 'checkpoint/barrier/single-checkpoint-barrier-handler',
    find: 'this.#effects.block(channel);',
    replace: '',
    expectedProperty: 'exactly-once-ledger',
  },
  {
    name: 'forget-in-flight-data',
    description: 'leaves the data that a barrier has overtaken out of the checkpoint',
    standsFor: ['FLINK-20654'],
    operator: 'M8',
    area: 'in-flight-data',
    file: 'runtime/task/subtask-snapshot',
    find: 'channels: handles,',
    replace: 'channels: [],',
    expectedProperty: 'exactly-once-ledger',
  },
];
