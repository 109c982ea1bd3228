// A run as data: everything that a seed decided, written out, so that each part of it can be made
// smaller by itself. What is not written out (which unsynced bytes survive a loss of power, ids)
// still follows from the seed.

import type { ChanceScript, FaultPlan } from '../../simulator/index.ts';
import type { Scenario, ScenarioCluster } from '../scenario.ts';

export interface FailingCase {
  readonly scenario: string;
  readonly backend: string;
  readonly seed: string;
  readonly plan: FaultPlan;
  /** The records; undefined for those of the seed. */
  readonly input: readonly unknown[] | undefined;
  readonly cluster: ScenarioCluster;
  /** Whether the job changes its parallelism, where the scenario says so. */
  readonly rescales: boolean;
  /** How long the healed job may take. */
  readonly livenessMs: number;
  /** Where the run is cut off, as what was to be seen has happened by then. */
  readonly horizonMs: number | undefined;
  readonly chance: ChanceScript;
}

/** Streams that decide when things happen: with them quiet, everything takes its least time. */
export const TIMING_STREAMS: readonly string[] = [
  'network',
  'disk/latency',
  's3/disk/latency',
  'druid/disk/latency',
  'hdfs/edits/latency',
  'hdfs/blocks/latency',
];

/** The scenario as this case has it. */
export function scenarioOf(scenario: Scenario, one: FailingCase): Scenario {
  const { input, cluster, livenessMs, rescales } = one;
  const { workload } = scenario;
  return {
    ...scenario,
    cluster,
    livenessMs,
    rescale: rescales ? scenario.rescale : undefined,
    workload:
      input === undefined
        ? workload
        : { ...workload, records: input.length, generate: (index) => input[index] },
  };
}

/** Slots that a cluster must have. */
export function slotsNeeded(scenario: Scenario, one: FailingCase): number {
  const rescaled = one.rescales ? (scenario.rescale?.parallelism ?? 0) : 0;
  const operated = one.plan.faults.map((fault) =>
    fault.kind === 'rescale' ? fault.parallelism : 0,
  );
  return Math.max(one.cluster.parallelism, rescaled, ...operated);
}
