// Gathers what checkers judge once a run is over: files as a loss of power would leave them,
// events, commits, and what lies about.

import { OnceproofError } from '../../engine/core/errors.ts';
import { decodeWtf8 } from '../../engine/stream/wtf8.ts';
import type { FinishedFile, History, JobEnd } from '../checkers/checker.ts';
import type { Scenario } from '../scenario.ts';
import type { CommitLog } from './commit-log.ts';
import { LOCAL_DIRECTORY } from './backends/local-disk.ts';
import { OUTPUT_DIRECTORY } from './places.ts';
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
  /** A disk failed: what could not be removed then goes when its TaskManager starts again. */
  readonly hadDiskFaults: boolean;
}

export function collectHistory(options: CollectOptions): History {
  const { scenario, records, cluster, commits, end, damaged, checkpointFiles } = options;
  const durable = cluster.disk.snapshotView().readDurable(OUTPUT_DIRECTORY);
  const outputPaths = cluster.pathsBelow(OUTPUT_DIRECTORY);
  return {
    guarantee: scenario.guarantee,
    checkpointTimeFactor: cluster.profile.checkpointTimeFactor,
    mayRefuse: scenario.mayRefuse,
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
    localFiles: options.hadDiskFaults ? [] : cluster.pathsBelow(`${LOCAL_DIRECTORY}/`),
    unfinishedFiles: outputPaths.filter((path) => !isFinished(path)),
    damaged: [...damaged],
  };
}

function isFinished(path: string): boolean {
  return path.slice(path.lastIndexOf('/') + 1).startsWith('part-');
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
