// Judges of what happens between leaders: ids go up across them, and of two that both believe to
// lead only the newer one's decisions count.

import {
  type Checker,
  type Finding,
  type History,
  invalid,
  NOT_EXERCISED,
  type TimedEvent,
  valid,
} from './checker.ts';
import { deployerOf, Leaders } from './leaders.ts';

export const idsIncrease: Checker = {
  name: 'checkpoint-ids-increase',
  explanation:
    'Ids of checkpoints go up: those that a leader triggers, those that complete, and, from one ' +
    'leader to the next, beyond all that any task has heard of. What a leader triggers that has ' +
    'been replaced, and does not know it yet, comes to nothing and does not count.',
  check({ events }: History): Finding {
    const last = { triggered: 0, completed: 0 };
    // What was triggered and came to no task may be triggered again.
    let known = 0;
    let evaluated = 0;
    const leaders = new Leaders();
    for (const timed of events) {
      const { timeMs, event } = timed;
      leaders.happened(timed);
      if (event.kind === 'checkpoint-triggered' && leaders.isReplaced(timed)) continue;
      if (event.kind === 'channels-at-barrier') known = Math.max(known, event.checkpoint);
      if (event.kind === 'leader-elected') last.triggered = known;
      // What was being stored then completes in any order, and is deleted.
      if (event.kind === 'job-finished') break;
      if (event.kind !== 'checkpoint-triggered' && event.kind !== 'checkpoint-completed') continue;
      // A plain savepoint need not wait for the checkpoint before it, nor that for the savepoint.
      if (event.kind === 'checkpoint-completed' && event.savepoint) continue;
      evaluated++;
      const what = event.kind === 'checkpoint-triggered' ? 'triggered' : 'completed';
      const before = last[what];
      last[what] = event.checkpoint;
      if (event.checkpoint > before) continue;
      const message = `At ${timeMs} ms checkpoint ${event.checkpoint} was ${what} after ${before}`;
      const difference = { expected: [`> ${before}`], actual: [String(event.checkpoint)] };
      return invalid(evaluated, message, difference);
    }
    return valid(evaluated);
  },
};

export const oneLeaderTakesEffect: Checker = {
  name: 'one-leader-takes-effect',
  explanation:
    'Leader epochs go up; once a leader has restored the job no earlier one completes a ' +
    'checkpoint, restores or ends it; and tasks take snapshots for the leader that deployed them.',
  check({ events }: History): Finding {
    const leaders = new Leaders();
    const triggeredBy = new Map<number, number>();
    let elected = 0;
    let ruling = 0;
    let evaluated = 0;
    for (const timed of events) {
      const { event, timeMs } = timed;
      if (event.kind === 'leader-elected') {
        evaluated++;
        if (event.leaderEpoch <= elected) {
          const message = `At ${timeMs} ms leader ${event.leaderEpoch} followed ${elected}`;
          const difference = { expected: [`> ${elected}`], actual: [String(event.leaderEpoch)] };
          return invalid(evaluated, message, difference);
        }
        elected = event.leaderEpoch;
      }
      leaders.happened(timed);
      const epoch = leaders.epochOf(timed);
      const isTriggered = event.kind === 'checkpoint-triggered' && !leaders.isReplaced(timed);
      if (isTriggered && epoch !== undefined) triggeredBy.set(event.checkpoint, epoch);
      if (TAKES_EFFECT.has(event.kind) && epoch !== undefined) {
        evaluated++;
        if (epoch < ruling) {
          const message = `At ${timeMs} ms leader ${epoch} told ${event.kind}`;
          return invalid(evaluated, `${message}, though ${ruling} rules`, {
            expected: [`leader ${ruling}`],
            actual: [`leader ${epoch}`],
          });
        }
        if (event.kind === 'job-restoring') ruling = epoch;
      }
      const finding = wrongMaster(timed, triggeredBy, evaluated);
      if (finding !== undefined) return finding;
    }
    return evaluated === 0 ? NOT_EXERCISED : valid(evaluated);
  },
};

const TAKES_EFFECT: ReadonlySet<string> = new Set([
  'checkpoint-completed',
  'job-restoring',
  'job-finished',
  'job-canceled',
  'job-failed',
]);

function wrongMaster(
  { event, timeMs }: TimedEvent,
  triggeredBy: ReadonlyMap<number, number>,
  evaluated: number,
): Finding | undefined {
  if (event.kind !== 'channels-at-barrier') return undefined;
  const leader = triggeredBy.get(event.checkpoint);
  const deployer = deployerOf(event.attempt);
  if (leader === undefined || deployer === undefined || deployer === leader) {
    return undefined;
  }
  const message = `At ${timeMs} ms ${event.attempt} took part in checkpoint ${event.checkpoint}`;
  return invalid(evaluated, `${message} of leader ${leader}`, {
    expected: [`deployed by leader ${leader}`],
    actual: [`deployed by leader ${deployer}`],
  });
}
