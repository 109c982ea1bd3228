// A look at a run right before one of its steps: carries it out up to there and says who waits for
// what, how tasks are, what is stored and what has come out. It only looks, and then stops.

import { assert } from '../../engine/core/assert.ts';
import type { HostState, Parked, TraceEntry } from '../../simulator/index.ts';
import type { LiveState } from '../cluster/live-states.ts';
import { OUTPUT_DIRECTORY } from '../cluster/places.ts';
import type { TaskSeen } from '../cluster/tasks-seen.ts';
import type { ObservedCommit } from '../checkers/checker.ts';
import type { Staged } from '../simulate.ts';
import { runSubject, type Subject } from './subject.ts';

export interface View {
  /** The step that comes next. */
  readonly step: number;
  readonly timeMs: number;
  /** Over all steps so far. */
  readonly digest: string;
  readonly hosts: readonly HostSeen[];
  readonly tasks: readonly TaskSeen[];
  readonly parked: readonly Parked[];
  /** Completed so far, ascending. */
  readonly checkpoints: readonly CheckpointSeen[];
  readonly commits: readonly ObservedCommit[];
  /** Of the volume that all hosts share, with how long they are. */
  readonly files: ReadonlyMap<string, number>;
  readonly states: readonly LiveState[];
  /** Lines of finished output files. */
  readonly outputs: number;
}

export interface HostSeen {
  readonly host: string;
  readonly state: HostState;
  readonly boot: number;
}

export interface CheckpointSeen {
  readonly checkpoint: number;
  readonly isSavepoint: boolean;
  readonly timeMs: number;
  /** Undefined where a service keeps it, which cannot be asked between two steps. */
  readonly isThere: boolean | undefined;
}

/** Undefined if the run is over before that step. The place after the last one is its end. */
export async function lookBefore(subject: Subject, step: number): Promise<View | undefined> {
  assert(step >= 1, `Cannot look before step ${step}: steps count from 1`);
  const stop = new Stop();
  let view: View | undefined;
  const look = (staged: Staged): void => {
    staged.world.beforeStep(step, () => {
      view = viewOf(staged);
      throw stop;
    });
  };
  try {
    await runSubject(subject, { onStaged: look });
  } catch (error) {
    if (error !== stop) throw error;
  }
  return view;
}

/** The digest of the last step before `step`, in a recorded run. */
export function digestBefore(trace: readonly TraceEntry[], step: number): string | undefined {
  return trace.findLast((entry) => entry.step < step)?.digest;
}

/** Ends a run in the middle. */
class Stop extends Error {}

function viewOf({ world, cluster, commits, states }: Staged): View {
  const files = world.unguarded(() => cluster.disk.snapshotView().readAll('/shared/'));
  return {
    step: world.step + 1,
    timeMs: world.nowMs,
    digest: world.digest,
    hosts: world.hosts.map((host) => ({
      host,
      state: world.stateOf(host),
      boot: world.bootCountOf(host),
    })),
    tasks: cluster.tasks.all(),
    parked: world.parked(),
    checkpoints: checkpointsOf(cluster, files),
    commits: [...commits.commits],
    files: new Map([...files].map(([path, bytes]) => [path, bytes.length])),
    states: states.read(),
    outputs: linesIn(files),
  };
}

function checkpointsOf(
  { events, profile }: Staged['cluster'],
  files: ReadonlyMap<string, Uint8Array>,
): readonly CheckpointSeen[] {
  const paths = [...files.keys()];
  const isRemote = profile.services.length > 0;
  return events.flatMap(({ timeMs, event }): CheckpointSeen[] => {
    if (event.kind !== 'checkpoint-completed') return [];
    const { checkpoint, savepoint: isSavepoint, pointer } = event;
    const isThere = paths.some((path) => {
      return path.includes(`/chk-${checkpoint}/`) || path.startsWith(`${pointer}/`);
    });
    return [{ checkpoint, isSavepoint, timeMs, isThere: isRemote ? undefined : isThere }];
  });
}

function linesIn(files: ReadonlyMap<string, Uint8Array>): number {
  let lines = 0;
  for (const [path, bytes] of files) {
    if (!/\/part-[^/]*$/.test(path) || !path.startsWith(OUTPUT_DIRECTORY)) continue;
    for (const byte of bytes) if (byte === 10) lines += 1;
  }
  return lines;
}
