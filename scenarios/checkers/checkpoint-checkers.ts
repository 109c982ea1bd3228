// Judges of checkpoints as a whole: which of them is restored, that their ids are used once, and
// that none fails where nothing was done to it.

import {
  type Checker,
  type Finding,
  type History,
  invalid,
  NOT_EXERCISED,
  valid,
} from './checker.ts';
import { deployerOf } from './leaders.ts';

export const restoresNewest: Checker = {
  name: 'restores-newest-checkpoint',
  explanation: 'A restore never goes back behind a checkpoint that had completed by then.',
  check({ events }: History): Finding {
    let newest = 0;
    let evaluated = 0;
    for (const { timeMs, event } of events) {
      // A savepoint may be plain: then it belongs to its user, and the job is not restored from it.
      if (event.kind === 'checkpoint-completed' && !event.savepoint) {
        newest = Math.max(newest, event.checkpoint);
      }
      if (event.kind !== 'job-restoring') continue;
      evaluated++;
      const restored = event.checkpoint ?? 0;
      if (restored >= newest) continue;
      const message = `At ${timeMs} ms checkpoint ${restored} was restored, and ${newest} is newer`;
      return invalid(evaluated, message, {
        expected: [`restored ≥ ${newest}`],
        actual: [`restored = ${restored}`],
      });
    }
    return valid(evaluated);
  },
};

export const idsUsedOnce: Checker = {
  name: 'checkpoint-ids-used-once',
  explanation: 'No two leaders have tasks take snapshots for the same checkpoint id.',
  check({ events }: History): Finding {
    const leaders = new Map<number, number>();
    for (const { event } of events) {
      if (event.kind !== 'keyed-state-snapshotted') continue;
      const { checkpoint, attempt } = event;
      const leader = deployerOf(attempt) ?? 0;
      const first = leaders.get(checkpoint) ?? leader;
      leaders.set(checkpoint, first);
      if (first === leader) continue;
      const message = `Checkpoint id ${checkpoint} was used by leader ${first}, then by ${leader}`;
      return invalid(leaders.size, message, {
        expected: [String(first)],
        actual: [String(leader)],
      });
    }
    return valid(leaders.size);
  },
};

/** Of checkpoints that end because the job does. */
const IN_ORDER = /^(checkpoint-coordinator-|periodic-scheduler-|not-all-required-tasks-running)/;

/** Where checkpoints take longer than in a directory, longer, and fewer of them. */
export interface UndisturbedBounds {
  /** How long the whole job may take. */
  readonly withinMs: number;
  readonly checkpointsMin: number;
  /** They follow each other so closely that one gets into the way of another. */
  readonly mayOverlap?: boolean;
}

const OVERLAPPING = /^(too-many-checkpoint-requests|checkpoint-subsumed)/;

/** For scenarios without faults only. */
export function undisturbed(bounds: UndisturbedBounds): Checker {
  const { withinMs, checkpointsMin, mayOverlap = false } = bounds;
  return {
    name: 'undisturbed',
    explanation:
      'Where nothing is done to it, a job takes its checkpoints, none fails, and it ends in time.',
    check({ events, end, checkpointTimeFactor = 1 }: History): Finding {
      const boundMs = withinMs * checkpointTimeFactor;
      const countMin = Math.max(1, Math.floor(checkpointsMin / checkpointTimeFactor));
      const completed = events.filter(({ event }) => event.kind === 'checkpoint-completed').length;
      const failure = firstFailure(events, mayOverlap);
      if (failure !== undefined) return invalid(completed, failure);
      const finishedMs = events.find(({ event }) => event.kind === 'job-finished')?.timeMs;
      if (end.kind !== 'finished' || finishedMs === undefined) return NOT_EXERCISED;
      if (finishedMs > boundMs) {
        return invalid(completed, `The job finished at ${finishedMs} ms only`, {
          expected: [`≤ ${boundMs} ms`],
          actual: [`${finishedMs} ms`],
        });
      }
      if (completed >= countMin) return valid(completed);
      return invalid(completed, `The job completed ${completed} checkpoints only`, {
        expected: [`≥ ${countMin}`],
        actual: [String(completed)],
      });
    },
  };
}

function firstFailure(events: History['events'], mayOverlap: boolean): string | undefined {
  for (const { timeMs, event } of events) {
    if (event.kind === 'checkpoint-aborted' && !IN_ORDER.test(event.reason)) {
      if (mayOverlap && OVERLAPPING.test(event.reason)) continue;
      return `At ${timeMs} ms checkpoint ${event.checkpoint ?? ''} failed: ${event.reason}`;
    }
    if (event.kind === 'job-failing') return `At ${timeMs} ms the job failed: ${event.cause}`;
  }
  return undefined;
}

/** For scenarios in which nobody outlives its replacement; see hygiene for all others. */
export const nothingInProgress: Checker = {
  name: 'no-output-in-progress',
  explanation: 'A finished job leaves no output in progress, whoever was killed while writing it.',
  check({ end, unfinishedFiles }: History): Finding {
    if (end.kind !== 'finished') return NOT_EXERCISED;
    const left = unfinishedFiles.filter((path) => /\.inprogress[^/]*$/.test(path));
    if (left.length === 0) return valid(1);
    return invalid(1, `${left.length} files are still in progress, such as ${left[0] ?? ''}`, {
      expected: [],
      actual: left.slice(0, 8),
    });
  },
};
