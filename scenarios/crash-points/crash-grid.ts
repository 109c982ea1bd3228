// Every point of one run at which a crash could do harm, one after the other: before and after each
// durable operation of an undisturbed run, and once more during the recovery from that. The grid
// counts how often the claims held. Deterministic: the same seed gives the same grid.

import { murmurHash, stringHashCode } from '../../engine/core/hash.ts';
import { address } from '../../engine/environment/network.ts';
import type { Fault, FaultPlan, TraceEntry } from '../../simulator/index.ts';
import { JOB_MANAGER } from '../cluster/places.ts';
import type { Scenario } from '../scenario.ts';
import type { Stage } from '../shrink/run-case.ts';
import { type RunResult, simulate } from '../simulate.ts';
import { type DurableOperation, durableOperations } from './durable-operations.ts';

export type Moment = 'before' | 'after' | 'again';

export interface CrashPoint {
  readonly operation: DurableOperation;
  readonly moment: Moment;
  readonly plan: FaultPlan;
  readonly result: RunResult;
}

export interface CrashGridOptions {
  readonly scenario: Scenario;
  readonly backend: string;
  readonly seed: string;
  readonly stage: Stage;
}

/** How long a host is down. */
const DOWN_MS = 40;
/** After the last crash everything heals: there is nothing else to heal. */
const HEAL_AFTER_MS = 200;

/** What there is to try, in the order of the steps. */
export async function operationsOf(
  options: CrashGridOptions,
): Promise<readonly DurableOperation[]> {
  const undisturbed = await play(options, planOf([], 0), true);
  return durableOperations(undisturbed.trace ?? [], hostsOf(options.scenario));
}

/** Three runs: a crash before, a crash after, and after that one during the recovery. */
export async function tryOperation(
  options: CrashGridOptions,
  operation: DurableOperation,
): Promise<readonly CrashPoint[]> {
  const { step, timeMs, host } = operation;
  const crashAt = (beforeStep: number): Fault => {
    return { kind: 'crash-point', host, beforeStep, downMs: DOWN_MS };
  };
  const before = planOf([crashAt(step)], timeMs);
  const after = planOf([crashAt(step + 1)], timeMs);
  const points: CrashPoint[] = [
    { operation, moment: 'before', plan: before, result: await play(options, before) },
  ];
  const recovered = await play(options, after, true);
  points.push({ operation, moment: 'after', plan: after, result: recovered });
  const second = pointOfRecovery(options, recovered.trace ?? [], step);
  if (second === undefined) return points;
  const again: Fault = {
    kind: 'crash-point',
    host: second.host,
    beforeStep: second.step,
    downMs: DOWN_MS,
  };
  const both = planOf([...after.faults, again], second.timeMs);
  return [...points, { operation, moment: 'again', plan: both, result: await play(options, both) }];
}

/** One of the durable operations between the crash and the first checkpoint after it. */
function pointOfRecovery(
  { scenario, seed }: CrashGridOptions,
  trace: readonly TraceEntry[],
  crashStep: number,
): DurableOperation | undefined {
  const afterwards = trace.filter(({ step }) => step > crashStep + 1);
  const end = afterwards.find(({ text }) => text.startsWith('checkpoint-completed'))?.step;
  const recovery = afterwards.filter(({ step }) => end === undefined || step < end);
  const operations = durableOperations(recovery, hostsOf(scenario));
  return operations[indexOf(`${seed} ${crashStep}`, operations.length)];
}

function hostsOf({ cluster }: Scenario): readonly DurableOperation['host'][] {
  return [
    JOB_MANAGER,
    ...Array.from({ length: cluster.taskManagers }, (_, index) => address(`tm-${index + 1}`)),
  ];
}

function planOf(faults: readonly Fault[], lastMs: number): FaultPlan {
  return { healAtMs: lastMs + HEAL_AFTER_MS, faults };
}

/** One of so many, by chance of its own. */
function indexOf(what: string, count: number): number {
  return count === 0 ? 0 : murmurHash(stringHashCode(what)) % count;
}

function play(options: CrashGridOptions, plan: FaultPlan, record = false): Promise<RunResult> {
  const { scenario, backend, seed, stage } = options;
  return simulate({ scenario, backend, seed, record, plan, ...stage });
}
