// Judges of how the job got there: commits only of complete checkpoints, state that comes back as
// it was, watermarks that only rise, nothing left lying about, and an end within its bound.

import {
  type Checker,
  type Finding,
  type History,
  invalid,
  NOT_EXERCISED,
  valid,
  withWaits,
} from './checker.ts';

export const noEarlyCommit: Checker = {
  name: 'no-commit-before-completion',
  explanation: 'What a checkpoint sealed is committed only after that checkpoint is complete.',
  check({ commits }: History): Finding {
    const early = commits.find(({ checkpoint, completedUpTo }) => checkpoint > completedUpTo);
    if (early === undefined) return valid(commits.length);
    const { committable, checkpoint, completedUpTo, timeMs } = early;
    const completed = completedUpTo === 0 ? 'none was complete' : `${completedUpTo} was the newest`;
    return invalid(
      commits.length,
      `${committable} of checkpoint ${checkpoint} was committed at ${timeMs} ms, when ${completed}`,
      { expected: [`completed ≥ ${checkpoint}`], actual: [`completed = ${completedUpTo}`] },
    );
  },
};

export const restoredStateIsSnapshottedState: Checker = {
  name: 'restored-state-is-snapshotted-state',
  explanation:
    'Keyed state restored from a checkpoint equals the state at its barrier, unless some of it ' +
    'may have expired since.',
  check({ events, stateExpires }: History): Finding {
    if (stateExpires === true) return NOT_EXERCISED;
    const snapshots = new Map<string, Set<string>>();
    let evaluated = 0;
    for (const { event } of events) {
      if (event.kind !== 'keyed-state-snapshotted' && event.kind !== 'keyed-state-restored')
        continue;
      const { checkpoint, operator, subtask, parallelism, digest } = event;
      const key = `${operator}/${subtask} of ${parallelism} at checkpoint ${checkpoint}`;
      const known = snapshots.get(key) ?? new Set();
      if (event.kind === 'keyed-state-snapshotted') {
        snapshots.set(key, known.add(digest));
      } else if (known.size > 0) {
        evaluated++;
        if (!known.has(digest)) {
          const expected = [...known];
          return invalid(evaluated, `State of ${key} differs`, { expected, actual: [digest] });
        }
      }
    }
    return valid(evaluated);
  },
};

export const watermarksRise: Checker = {
  name: 'watermark-monotone',
  explanation: 'Within an attempt of a task, watermarks strictly increase.',
  check({ events }: History): Finding {
    const last = new Map<string, number>();
    let evaluated = 0;
    for (const { event } of events) {
      if (event.kind !== 'watermark') continue;
      evaluated++;
      const before = last.get(event.attempt);
      if (before !== undefined && event.timestamp <= before) {
        return invalid(evaluated, `Watermark of ${event.attempt} fell`, {
          expected: [`> ${before}`],
          actual: [String(event.timestamp)],
        });
      }
      last.set(event.attempt, event.timestamp);
    }
    return valid(evaluated);
  },
};

export const hygiene: Checker = {
  name: 'no-leftovers',
  explanation:
    'A finished job leaves no checkpoint that nobody will restore, nothing on its hosts, and no ' +
    'half-written output but that of attempts which went on writing after they had been replaced.',
  check(history: History): Finding {
    const { end, checkpointFiles, localFiles, unfinishedFiles, damaged } = history;
    if (end.kind !== 'finished') return NOT_EXERCISED;
    const last = lastAttempts(history);
    const output = unfinishedFiles.filter((path) => !isOfZombie(path, last));
    const files = [...checkpointFiles, ...localFiles, ...output];
    const left = files.filter((path) => !damaged.includes(path) && !isOfEarlierJob(path, history));
    if (left.length === 0) return valid(1);
    return invalid(1, `${left.length} files were left, such as ${left[0] ?? ''}`, {
      expected: [],
      actual: left.slice(0, 8),
    });
  },
};

/** What a job that another one replaced has left is its user's, and output that it had open. */
function isOfEarlierJob(path: string, { laterJobs = [] }: History): boolean {
  return laterJobs.some(
    ({ replaced, unfinished }) => unfinished.includes(path) || path.includes(`/${replaced}/`),
  );
}

const ATTEMPT = /#([0-9]+)@([0-9]+)$/;
const TOKEN = /-e([0-9]+)a([0-9]+)-/;

/** Leader epoch and number of the newest attempt; the tasks of a job restart together. */
function lastAttempts({ events }: History): readonly [number, number] {
  let last: readonly [number, number] = [0, 0];
  for (const { event } of events) {
    const match = event.kind === 'task-deployed' ? ATTEMPT.exec(event.attempt) : null;
    if (match === null) continue;
    const attempt = [Number(match[2]), Number(match[1])] as const;
    if (isBefore(last, attempt)) last = attempt;
  }
  return last;
}

function isOfZombie(path: string, last: readonly [number, number]): boolean {
  const match = TOKEN.exec(path);
  return match !== null && isBefore([Number(match[1]), Number(match[2])], last);
}

function isBefore(left: readonly [number, number], right: readonly [number, number]): boolean {
  return left[0] < right[0] || (left[0] === right[0] && left[1] < right[1]);
}

export const liveness: Checker = {
  name: 'finishes-once-healed',
  explanation: 'Once all faults are over the job finishes within its bound, or is refused loudly.',
  check({ end, mayRefuse, refusals = [], damaged }: History): Finding {
    switch (end.kind) {
      case 'finished':
        return valid(1);
      case 'stuck':
        return invalid(1, withWaits(`The job did not finish: ${end.explanation}`, end));
      case 'broken':
        return invalid(1, end.explanation);
      case 'failed': {
        // Refusing damaged state is right; refusing anything else, or without naming it, is not.
        const named = damaged.some((path) => end.cause.includes(path));
        if (mayRefuse && named) return valid(1);
        // A later leader knows of the end by its text alone.
        const isKnown = (code: string): boolean => end.code === code || end.cause.startsWith(code);
        if (refusals.some(isKnown)) return valid(1);
        return invalid(1, `The job failed: ${end.code ?? ''} ${end.cause}`);
      }
    }
  },
};
