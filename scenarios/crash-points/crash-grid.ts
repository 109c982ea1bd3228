// Every point of one run at which a crash could do harm, one after the other: before and after each
// durable operation of an undisturbed run, and once more during the recovery from that. The grid
// counts how often the claims held. Deterministic: the same seed gives the same grid.

import { murmurHash, stringHashCode } from '../../engine/core/hash.ts';
import type { Fault, FaultPlan, TraceEntry } from '../../simulator/index.ts';
import { jobManagersOf, taskManagersOf } from '../cluster/hosts.ts';
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

/**
 * What there is to try, and when everything heals: at the same time, so that steps stay the same.
 */
export interface CrashGrid {
  /** In the order of their steps. */
  readonly operations: readonly DurableOperation[];
  readonly healAtMs: number;
}

/** How long a host is down. */
const DOWN_MS = 40;
/** Times as long as the undisturbed run: a crash near its end has to be over by then. */
const HEAL_FACTOR = 3;

export async function openGrid(options: CrashGridOptions): Promise<CrashGrid> {
  const { simMs } = await play(options, { healAtMs: 1, faults: [] });
  const healAtMs = simMs * HEAL_FACTOR;
  const undisturbed = await play(options, { healAtMs, faults: [] }, true);
  const operations = durableOperations(undisturbed.trace ?? [], hostsOf(options.scenario));
  return { operations, healAtMs };
}

/** Three runs: a crash before, a crash after, and after that one during the recovery. */
export async function tryOperation(
  options: CrashGridOptions,
  { healAtMs }: Pick<CrashGrid, 'healAtMs'>,
  operation: DurableOperation,
): Promise<readonly CrashPoint[]> {
  const { step, host } = operation;
  const before = { healAtMs, faults: [crashAt(host, step)] };
  const after = { healAtMs, faults: [crashAt(host, step + 1)] };
  const points: CrashPoint[] = [
    { operation, moment: 'before', plan: before, result: await play(options, before) },
  ];
  const recovered = await play(options, after, true);
  points.push({ operation, moment: 'after', plan: after, result: recovered });
  const second = pointOfRecovery(options, recovered.trace ?? [], step);
  // Once everything has healed, no fault brings its host back.
  if (second === undefined || second.timeMs + DOWN_MS >= healAtMs) return points;
  const again = { healAtMs, faults: [...after.faults, crashAt(second.host, second.step)] };
  const result = await play(options, again);
  return [...points, { operation, moment: 'again', plan: again, result }];
}

function crashAt(host: DurableOperation['host'], beforeStep: number): Fault {
  return { kind: 'crash-point', host, beforeStep, downMs: DOWN_MS };
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
  return [...jobManagersOf(cluster), ...taskManagersOf(cluster.taskManagers)];
}

/** One of so many, by chance of its own. */
function indexOf(what: string, count: number): number {
  return count === 0 ? 0 : murmurHash(stringHashCode(what)) % count;
}

function play(options: CrashGridOptions, plan: FaultPlan, record = false): Promise<RunResult> {
  const { scenario, backend, seed, stage } = options;
  return simulate({ scenario, backend, seed, record, plan, ...stage });
}
