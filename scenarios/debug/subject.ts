// A run that is looked at again and again: what is needed to carry it out once more, exactly as it
// was. Going back in it is carrying it out anew, up to an earlier step.

import type { FaultPlan } from '../../simulator/index.ts';
import type { ChanceScript } from '../../simulator/index.ts';
import type { Scenario } from '../scenario.ts';
import { type FailingCase, scenarioOf } from '../shrink/failing-case.ts';
import type { Stage } from '../shrink/run-case.ts';
import { type RunOptions, type RunResult, simulate } from '../simulate.ts';

export interface Subject {
  readonly scenario: Scenario;
  readonly backend: string;
  readonly seed: string;
  readonly stage: Stage;
  /** Of a repro; of a seed they follow from it. */
  readonly plan?: FaultPlan;
  readonly chance?: ChanceScript;
  readonly horizonMs?: number;
}

type More = Pick<RunOptions, 'record' | 'onHistory' | 'onStaged' | 'departure' | 'plan'>;

/** The subject of a repro file. */
export function subjectOfCase(scenario: Scenario, one: FailingCase, stage: Stage): Subject {
  const { backend, seed, plan, chance, horizonMs } = one;
  return {
    scenario: scenarioOf(scenario, one),
    backend,
    seed,
    stage,
    plan,
    chance,
    ...(horizonMs === undefined ? {} : { horizonMs }),
  };
}

export function runSubject({ stage, ...subject }: Subject, more: More = {}): Promise<RunResult> {
  return simulate({ ...subject, ...stage, ...more });
}
