// Jobs that nobody wrote: the seed draws operators, how they are wired, parallelisms and chaining.
// What the job must put out a sequential interpreter says.

import { buildJob } from '../generated/build-job.ts';
import { drawGenes, drawRecord } from '../generated/draw-genes.ts';
import { type GeneratedOutput, interpret } from '../generated/interpret.ts';
import { describePlan, type JobPlan, planOf } from '../generated/plan.ts';
import type { GeneratedRecord } from '../generated/rules.ts';
import { settledOutputs } from '../generated/windowed.ts';
import {
  defineScenario,
  type DrawnJob,
  type Scenario,
  type ScenarioDefinition,
} from '../scenario.ts';
import { alignedAndUnaligned, CLUSTER_FAULTS } from './variants.ts';

function jobOf(plan: JobPlan): DrawnJob<GeneratedRecord, GeneratedOutput> {
  return {
    text: describePlan(plan),
    job: (tools) => buildJob(plan, tools),
    model: (records) => interpret(plan, records),
  };
}

const generated: ScenarioDefinition<GeneratedRecord, GeneratedOutput> = {
  id: 'generated/any-job',
  claim: 'Whatever operators a job is made of, it puts out what its definition says.',
  tags: ['generated'],
  cluster: { taskManagers: 2, slots: 2, parallelism: 2 },
  workload: {
    records: 90,
    generate: drawRecord,
    recordsPerSecond: 60,
    timestampOf: ({ at }) => at,
  },
  ...jobOf(planOf([])),
  draw: (random) => jobOf(planOf(drawGenes(random))),
  settle: settledOutputs,
  faults: CLUSTER_FAULTS,
};

export const generatedScenarios: readonly Scenario[] = [
  ...alignedAndUnaligned(generated),
  defineScenario({
    ...generated,
    id: 'generated/any-job-rescaled',
    claim: 'Whatever operators a job is made of, it goes on with more subtasks.',
    rescale: { afterCheckpoint: 2, parallelism: 4, via: 'savepoint' },
  }),
];
