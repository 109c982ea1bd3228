// Runs a case of a shrink or of a repro file: the scenario as the case has it, in a world of its
// own.

import {
  type Drain,
  type Draw,
  isAmong,
  SeededRandom,
  type StepScope,
  type World,
} from '../../simulator/index.ts';
import type { Scenario } from '../scenario.ts';
import { recordsOf, type RunResult, simulate } from '../simulate.ts';
import { type FailingCase, scenarioOf, TIMING_STREAMS } from './failing-case.ts';
import { isSameViolation, type Violation, violationOf } from './same-violation.ts';
import type { Attempt } from './search.ts';

/** What the process lends to runs. */
export interface Stage {
  readonly drain: Drain;
  readonly scope?: StepScope;
  readonly attach?: (world: World) => void;
}

export interface CaseRun {
  readonly scenario: Scenario;
  readonly stage: Stage;
}

export function runCase(
  { scenario, stage }: CaseRun,
  one: FailingCase,
  more: { readonly record?: boolean; readonly onDraw?: (draw: Draw) => void } = {},
): Promise<RunResult> {
  const { backend, seed, plan, horizonMs, chance } = one;
  return simulate({
    scenario: scenarioOf(scenario, one),
    backend,
    seed,
    plan,
    ...(horizonMs === undefined ? {} : { horizonMs }),
    chance,
    ...stage,
    ...more,
  });
}

/** The run of a seed, with its plan and its records written out. */
export function caseOf(
  scenario: Scenario,
  run: { readonly backend: string; readonly seed: string },
  { plan }: Pick<RunResult, 'plan'>,
): FailingCase {
  const input = recordsOf(scenario, new SeededRandom(run.seed));
  return {
    scenario: scenario.id,
    ...run,
    plan,
    input: isPlain(input) ? input : undefined,
    cluster: scenario.cluster,
    rescales: scenario.rescale !== undefined,
    livenessMs: scenario.livenessMs,
    horizonMs: undefined,
    chance: { quiet: [], draws: new Map() },
  };
}

export async function attemptCase(
  run: CaseRun,
  one: FailingCase,
  violation: Violation,
): Promise<Attempt> {
  const result = await runCase(run, one);
  const { steps, strikes, marks } = result;
  const found = violationOf(result);
  const fails = found !== undefined && isSameViolation(found, violation);
  return { fails, steps, strikes, marks };
}

export async function timingDraws(run: CaseRun, one: FailingCase): Promise<readonly Draw[]> {
  const draws: Draw[] = [];
  await runCase(run, one, {
    onDraw: (draw) => {
      if (draw.value > 0 && isAmong(TIMING_STREAMS, draw.stream)) draws.push(draw);
    },
  });
  return draws;
}

/** What JSON keeps as it is. */
function isPlain(input: readonly unknown[]): boolean {
  return input.every((record) => {
    const text: string | undefined = JSON.stringify(record);
    return text !== undefined && isEqual(record, JSON.parse(text) as unknown);
  });
}

function isEqual(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return false;
  }
  if (Object.getPrototypeOf(left) !== Object.getPrototypeOf(right)) return false;
  const [some, others] = [Object.entries(left), new Map<string, unknown>(Object.entries(right))];
  return (
    some.length === others.size && some.every(([key, value]) => isEqual(value, others.get(key)))
  );
}
