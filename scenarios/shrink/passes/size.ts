// The size of a run: records, hosts, subtasks, and how long it goes on.

import { address } from '../../../engine/environment/network.ts';
import type { Fault } from '../../../simulator/index.ts';
import type { Scenario, ScenarioCluster } from '../../scenario.ts';
import { ddmin } from '../ddmin.ts';
import { type FailingCase, slotsNeeded } from '../failing-case.ts';
import type { Search } from '../search.ts';

/** Below this a healthy job might be taken for one that hangs. */
const LIVENESS_MS_MIN = 20_000;

/** A job that needs many records needs them for the time they take: which ones is no matter. */
const PIECES_MAX = 8;

/** From the end first: the job then ends earlier and the rest of it stays as it was. */
export async function fewerRecords(search: Search): Promise<void> {
  const all = search.case.input;
  if (all === undefined) return;
  let [low, high] = [0, all.length];
  while (low < high && !search.isOver) {
    const middle = Math.floor((low + high) / 2);
    if (middle > 0 && (await search.change({ input: all.slice(0, middle) }))) high = middle;
    else low = middle + 1;
  }
  const rest = search.case.input ?? [];
  const fails = async (input: readonly unknown[]): Promise<boolean> =>
    input.length > 0 && (await search.change({ input }));
  await ddmin(rest, fails, PIECES_MAX);
}

export async function smallerCluster(search: Search, scenario: Scenario): Promise<void> {
  if (search.case.rescales && scenario.rescale !== undefined) {
    await search.change({ rescales: false });
  }
  for (const cluster of smallerClusters(search.case, scenario)) {
    const needed = slotsNeeded(scenario, { ...search.case, cluster });
    if (cluster.taskManagers * cluster.slots < needed) continue;
    const faults = search.case.plan.faults.map((fault) => moved(fault, cluster.taskManagers));
    if (await search.change({ cluster, plan: { ...search.case.plan, faults } })) return;
  }
}

/** The smallest first. */
function smallerClusters(one: FailingCase, scenario: Scenario): ScenarioCluster[] {
  const { cluster } = one;
  const all: ScenarioCluster[] = [];
  for (let parallelism = 1; parallelism <= cluster.parallelism; parallelism += 1) {
    for (let taskManagers = 1; taskManagers <= cluster.taskManagers; taskManagers += 1) {
      const slots = Math.min(
        cluster.slots,
        Math.ceil(
          slotsNeeded(scenario, { ...one, cluster: { ...cluster, parallelism } }) / taskManagers,
        ),
      );
      all.push({ ...cluster, taskManagers, slots, parallelism });
    }
  }
  const sizeOf = (one: ScenarioCluster): number => one.taskManagers * 100 + one.parallelism * 10;
  const present = sizeOf(cluster);
  return all.filter((one) => sizeOf(one) < present).sort((a, b) => sizeOf(a) - sizeOf(b));
}

const TASK_MANAGER = /^tm-(\d+)$/;

/** What strikes a host that is gone strikes the last one that is left. */
function moved(fault: Fault, taskManagers: number): Fault {
  const at = (host: string): string => {
    const [, number] = TASK_MANAGER.exec(host) ?? [];
    return Number(number ?? 0) > taskManagers ? `tm-${taskManagers}` : host;
  };
  if ('host' in fault) return { ...fault, host: address(at(fault.host)) };
  if (!('from' in fault)) return fault;
  return { ...fault, from: address(at(fault.from)), to: address(at(fault.to)) };
}

/** Ends the run, or at least the patience with it, as soon as can be. */
export async function stopEarlier(search: Search): Promise<void> {
  const { livenessMs, horizonMs = Number.POSITIVE_INFINITY, plan } = search.case;
  const { healAtMs } = plan;
  if (livenessMs > LIVENESS_MS_MIN) await search.change({ livenessMs: LIVENESS_MS_MIN });
  // Not before the faults are over: some are counted only then.
  const latestMs = Math.min(horizonMs, healAtMs + search.case.livenessMs);
  for (const afterMs of times(latestMs - healAtMs, 2)) {
    if (await search.change({ horizonMs: healAtMs + afterMs })) break;
  }
}

/** Ends the time of faults as soon as can be. */
export async function healEarlier(search: Search): Promise<void> {
  const { plan } = search.case;
  for (const healAtMs of times(plan.healAtMs, 4)) {
    if (await search.change({ plan: { ...plan, healAtMs } })) return;
  }
}

/** Powers: nobody minds a small factor, and every one costs a run. */
function times(limitMs: number, base: number): readonly number[] {
  return [0, ...Array.from({ length: 20 }, (_, power) => base ** power)].filter(
    (timeMs) => timeMs < limitMs,
  );
}
