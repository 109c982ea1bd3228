// Gathers what checkers judge once a run is over: files as a loss of power would leave them,
// events, commits, and what lies about.

import { OnceproofError } from '../../engine/core/errors.ts';
import type { Address } from '../../engine/environment/network.ts';
import { decodeWtf8 } from '../../engine/stream/wtf8.ts';
import {
  type AppliedPlan,
  type FaultPlan,
  faultKindsOf,
  type World,
} from '../../simulator/index.ts';
import type { FinishedFile, History, JobEnd } from '../checkers/checker.ts';
import type { ObservedHost } from '../checkers/observations.ts';
import type { Scenario } from '../scenario.ts';
import type { CommitLog } from './commit-log.ts';
import { LOCAL_DIRECTORY } from './backends/local-disk.ts';
import { isFinished, OUTPUT_DIRECTORY } from './places.ts';
import type { Operations } from './operations/operations.ts';
import { ownedFiles } from './operations/owned-files.ts';
import { type SimulatedCluster } from './simulated-cluster.ts';

export interface CollectOptions {
  readonly scenario: Scenario;
  readonly records: readonly unknown[];
  readonly cluster: SimulatedCluster;
  readonly commits: CommitLog;
  readonly end: JobEnd;
  readonly damaged: ReadonlySet<string>;
  /** Of artefacts that are there now. */
  readonly checkpointFiles: readonly string[];
  readonly world: World;
  readonly applied: AppliedPlan;
  readonly plan: FaultPlan;
  /** Where somebody operates the job. */
  readonly operations: Operations | undefined;
}

/** After them something may still be there that should not be, or be missing that was written. */
const STORAGE_FAULTS: ReadonlySet<string> = new Set([
  ...faultKindsOf('disk'),
  ...faultKindsOf('service'),
]);

export function collectHistory(options: CollectOptions): History {
  const { scenario, records, cluster, commits, end, damaged, checkpointFiles } = options;
  const { world, applied, plan, operations } = options;
  const durable = cluster.disk.snapshotView().readDurable(OUTPUT_DIRECTORY);
  const outputPaths = cluster.pathsBelow(OUTPUT_DIRECTORY);
  return {
    guarantee: scenario.guarantee,
    checkpointTimeFactor: cluster.profile.checkpointTimeFactor,
    mayRefuse: scenario.mayRefuse,
    stateExpires: scenario.stateExpires,
    refusals: scenario.refusals,
    end,
    records,
    expected: scenario.model(records),
    settle: scenario.settle,
    project: scenario.project,
    accountsFor: scenario.accountsFor,
    idOf: scenario.idOf,
    durableOutput: [...durable]
      .filter(([path]) => isFinished(path))
      .map(([path, bytes]) => readOutputs(path, bytes)),
    events: cluster.events,
    commits: commits.commits,
    checkpointFiles,
    localFiles: cluster.pathsBelow(`${LOCAL_DIRECTORY}/`),
    unfinishedFiles: outputPaths.filter((path) => !isFinished(path)),
    damaged: [...new Set([...damaged].flatMap(namesOf))],
    retainedCheckpoints: scenario.checkpoints.retained,
    healedAtMs: plan.healAtMs,
    hadStorageFaults: applied.counts
      .rows()
      .some(({ kind, injected }) => STORAGE_FAULTS.has(kind) && injected > 0),
    storage: cluster.watch.storage,
    output: [...cluster.watch.output, ...commits.lastSeen],
    hosts: cluster.hosts.map((host) => observedHost(world, host)),
    ...(operations === undefined ? {} : operated(cluster, operations)),
  };
}

function operated(
  { disk, laterJobs }: SimulatedCluster,
  { log }: Operations,
): Pick<History, 'laterJobs' | 'operations' | 'ownedFiles'> {
  const paths = new Set(log.flatMap(({ files }) => files.map(({ path }) => path)));
  return { laterJobs, operations: log, ownedFiles: ownedFiles(disk, (path) => paths.has(path)) };
}

function observedHost(world: World, host: Address): ObservedHost {
  return { host, boot: world.bootCountOf(host), state: world.stateOf(host) };
}

/** Metadata is written under one name and published under another: damage is done to both. */
function namesOf(path: string): readonly string[] {
  return [path, path.replace(/\.inprogress[^/]*$/, '')];
}

function readOutputs(path: string, bytes: Uint8Array): FinishedFile {
  const text = decodeWtf8(bytes, 0, bytes.length);
  if (text === undefined) {
    throw new OnceproofError('OP-E133', 'Cannot read an output file: it is not text', {
      place: path,
    });
  }
  const lines = text.split('\n').filter((line) => line !== '');
  return { path, outputs: lines.map((line): unknown => parse(line)) };
}

// A torn line is an output that nobody expected, not a reason to stop judging.
function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return { torn: line };
  }
}
