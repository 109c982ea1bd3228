// Mutants of what is asked of a running job: stops, and jobs that go on from what another has left.

import type { Mutant } from '../mutant.ts';

export const OPERATION_MUTANTS: readonly Mutant[] = [
  {
    name: 'run-on-after-the-last-savepoint',
    description: 'restarts a job that fails while the savepoint which stops it is being stored',
    standsFor: [],
    operator: 'M18',
    area: 'operations',
    file: 'runtime/job/job-stop',
    find: 'if (hasFailed) this.#options.cancelJob();',
    replace: 'if (hasFailed) return;',
    expectedProperty: 'exactly-once-ledger',
    tag: 'operations',
  },
  {
    name: 'stay-stopped-for-nothing',
    description: 'leaves tasks stopped for a savepoint that was given up when others failed',
    standsFor: [],
    operator: 'M18',
    area: 'operations',
    file: 'runtime/task/task-checkpoints',
    find: 'this.#options.fail(stopFailed(checkpoint));',
    replace: 'stopFailed(checkpoint);',
    expectedProperty: 'exactly-once-ledger',
    tag: 'operations',
  },
  {
    name: 'run-on-behind-the-stop',
    description:
      'fires timers after the savepoint that stops the job, and waits for what they seal',
    standsFor: [],
    operator: 'M18',
    area: 'operations',
    file: 'runtime/task/running-task',
    find: 'if (!this.#suspended) this.#deferred.run(run);',
    replace: 'this.#deferred.run(run);',
    also: [
      {
        find: 'if (!this.#chain.isDone(this.#stoppedFor))',
        replace: 'if (!this.#chain.isDone())',
      },
    ],
    expectedProperty: 'finishes-once-healed',
    tag: 'operations',
  },
  {
    name: 'keep-nothing-of-a-canceled-job',
    description: 'deletes what was to be retained when its job is canceled',
    standsFor: [],
    operator: 'M6',
    area: 'operations',
    file: 'runtime/job/job-clean-up',
    find: "return checkpoints.externalizedRetention !== 'RETAIN_ON_CANCELLATION';",
    replace: "return checkpoints.externalizedRetention !== 'NO_EXTERNALIZED_CHECKPOINTS';",
    expectedProperty: 'savepoints-stay',
    tag: 'operations',
  },
  {
    name: 'read-moved-fields-in-order',
    description: 'reads a struct as it is declared now, whatever the order it was written in',
    standsFor: [],
    operator: 'M8',
    area: 'operations',
    file: 'stream/serializers/struct-serializer',
    find: 'else value[name] = reader.deserialize(input);',
    replace:
      'else value[this.#names[steps.findIndex((one) => one.name === name)] ?? name] = ' +
      'reader.deserialize(input);',
    expectedProperty: 'equals-sequential-model',
    tag: 'operations',
  },
];
