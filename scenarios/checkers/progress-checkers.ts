// Judges of progress: once nothing is done to it any more, a job runs, takes its checkpoints and
// ends its tasks, each within a bound. That it ends at all is judged elsewhere.

import {
  type Checker,
  type Finding,
  type History,
  invalid,
  NOT_EXERCISED,
  type TimedEvent,
  valid,
  withWaits,
} from './checker.ts';
import { processOf } from './leaders.ts';

/**
 * Lost connections, hosts and checkpoints are noticed within seconds, one after the other; messages
 * that were sent while links were slow are ten seconds on their way, and a restart needs some.
 */
const SILENCE_MS_MAX = 45_000;

export const checkpointsGoOn: Checker = {
  name: 'checkpoints-go-on',
  explanation:
    'Once all faults are over the job runs again, and as long as it runs a checkpoint completes ' +
    `at least every ${SILENCE_MS_MAX / 1_000} seconds, longer where checkpoints take longer.`,
  check(history: History): Finding {
    const { events, healedAtMs, checkpointTimeFactor = 1, end } = history;
    if (healedAtMs === undefined) return NOT_EXERCISED;
    const boundMs = SILENCE_MS_MAX * checkpointTimeFactor;
    let progressMs = healedAtMs;
    let evaluated = 0;
    for (const { timeMs, event } of events) {
      if (timeMs < healedAtMs) continue;
      if (timeMs - progressMs > boundMs) {
        const finding = silent(evaluated, { fromMs: progressMs, toMs: timeMs, boundMs });
        const { message = '' } = finding;
        return { ...finding, message: withWaits(message, end) };
      }
      if (event.kind === 'checkpoint-completed') {
        progressMs = timeMs;
        evaluated++;
      }
      if (event.kind === 'job-canceled' || event.kind === 'job-failed') return valid(evaluated);
      if (event.kind === 'job-finished') return valid(evaluated + 1);
    }
    return valid(evaluated);
  },
};

function silent(
  evaluated: number,
  { fromMs, toMs, boundMs }: { fromMs: number; toMs: number; boundMs: number },
): Finding {
  const message = `From ${fromMs} to ${toMs} ms no checkpoint completed, and the job did not end`;
  return invalid(evaluated + 1, message, {
    expected: [`≤ ${boundMs} ms`],
    actual: [`${toMs - fromMs} ms`],
  });
}

interface LivingTask {
  readonly attempt: string;
  readonly process: string;
  readonly sinceMs: number;
}

/** To notice that it was replaced a task's host needs a heartbeat, or that these fail to come. */
const OUTLIVES_MS_MAX = 15_000;

export const tasksEnd: Checker = {
  name: 'tasks-end',
  explanation:
    'When a job is over none of its tasks runs anywhere; and once all faults are over an attempt ' +
    `that was replaced ends within ${OUTLIVES_MS_MAX / 1_000} seconds.`,
  check({ events, hosts, healedAtMs = 0, end }: History): Finding {
    if (hosts === undefined) return NOT_EXERCISED;
    const alive = new Map<string, LivingTask>();
    const replacedMs = new Map<string, number>();
    let evaluated = 0;
    for (const timed of events) {
      const { timeMs, event } = timed;
      if (event.kind === 'task-deployed') {
        forgetEarlierLives(alive, timed);
        for (const one of earlierOf(event.attempt, alive)) replacedMs.set(one, timeMs);
        const task = { attempt: event.attempt, process: processOf(timed), sinceMs: timeMs };
        alive.set(event.attempt, task);
      }
      if (event.kind !== 'task-state' || !ENDED.has(event.state)) continue;
      alive.delete(event.attempt);
      evaluated++;
      const fromMs = Math.max(replacedMs.get(event.attempt) ?? timeMs, healedAtMs);
      if (timeMs - fromMs <= OUTLIVES_MS_MAX) continue;
      return invalid(evaluated, `${event.attempt} ended ${timeMs - fromMs} ms after its end came`, {
        expected: [`≤ ${OUTLIVES_MS_MAX} ms`],
        actual: [`${timeMs - fromMs} ms`],
      });
    }
    if (end.kind !== 'finished' && end.kind !== 'failed') return valid(evaluated);
    const up = new Set(hosts.filter(({ state }) => state === 'up').map(processOf));
    const left = [...alive.values()].filter(({ process }) => up.has(process));
    if (left.length === 0) return valid(evaluated);
    const names = left.map(({ attempt }) => attempt);
    return invalid(evaluated + left.length, `The job is over, and ${names[0]} still runs`, {
      expected: [],
      actual: names.slice(0, 8),
    });
  },
};

const ENDED: ReadonlySet<string> = new Set(['finished', 'failed', 'canceled']);
const ATTEMPT = /^(.*)#[0-9]+@[0-9]+$/;

/** A process that boots has no tasks of the one before it. */
function forgetEarlierLives(alive: Map<string, LivingTask>, timed: TimedEvent): void {
  const process = processOf(timed);
  for (const [attempt, task] of alive) {
    const isSameHost = task.process.startsWith(`${timed.host ?? ''} `);
    if (isSameHost && task.process !== process) alive.delete(attempt);
  }
}

/** Attempts of the same subtask that run while a newer one is deployed. */
function earlierOf(attempt: string, alive: ReadonlyMap<string, LivingTask>): readonly string[] {
  const subtask = ATTEMPT.exec(attempt)?.[1];
  return [...alive.keys()].filter((one) => ATTEMPT.exec(one)?.[1] === subtask && one !== attempt);
}
