// Judges of JobManagers that contend for one job: what a leader may still do once another one has
// been elected. See leader-checkers.ts for what holds of any leaders that follow each other.

import {
  type Checker,
  type Finding,
  type History,
  invalid,
  NOT_EXERCISED,
  valid,
} from './checker.ts';
import { deployerOf, Leaders } from './leaders.ts';
import type { StorageEvent } from './observations.ts';

/** A leader's lease is over a second after its last renewal; clocks may drift. */
const STEPS_DOWN_MS = 1_500;

export const replacedLeadersDoNoHarm: Checker = {
  name: 'replaced-leaders-do-no-harm',
  explanation:
    'Once a leader is elected no earlier one changes what leaders hand on to each other, and no ' +
    'TaskManager that has run tasks of the newer one runs any of the older.',
  check({ events, storage = [] }: History): Finding {
    const elections = electionsIn(events);
    if (elections.length < 2) return NOT_EXERCISED;
    const writes = writing(storage, elections);
    if (writes.verdict === 'invalid') return writes;
    const deployments = deploying(events);
    const evaluated = writes.evaluated + deployments.evaluated;
    return { ...deployments, evaluated };
  },
};

export const replacedLeadersStepDown: Checker = {
  name: 'replaced-leaders-step-down',
  explanation:
    `So long as clocks run equally fast, a leader does nothing for the job any more ` +
    `${STEPS_DOWN_MS} ms after another one was elected, wherever it was stopped meanwhile.`,
  check({ events }: History): Finding {
    const elections = electionsIn(events);
    return elections.length < 2 ? NOT_EXERCISED : working(events, elections);
  },
};

interface Election {
  readonly timeMs: number;
  readonly epoch: number;
}

function electionsIn(events: History['events']): readonly Election[] {
  return events.flatMap(({ timeMs, event }) =>
    event.kind === 'leader-elected' ? [{ timeMs, epoch: event.leaderEpoch }] : [],
  );
}

/** Of the same millisecond nobody knows which came first. */
function electedBefore(elections: readonly Election[], timeMs: number): number {
  const before = elections.filter((election) => election.timeMs < timeMs);
  return Math.max(0, ...before.map(({ epoch }) => epoch));
}

function writing(storage: readonly StorageEvent[], elections: readonly Election[]): Finding {
  let evaluated = 0;
  for (const seen of storage) {
    if (seen.kind !== 'leader-file') continue;
    evaluated++;
    const newest = electedBefore(elections, seen.timeMs);
    if (seen.epoch >= newest) continue;
    const what = `"${seen.name}" to ${seen.text}`;
    const message = `At ${seen.timeMs} ms leader ${seen.epoch} changed ${what}`;
    return invalid(evaluated, `${message}, though ${newest} leads`, {
      expected: [`leader ${newest}`],
      actual: [`leader ${seen.epoch}`],
    });
  }
  return valid(evaluated);
}

function deploying(events: History['events']): Finding {
  const newest = new Map<string, number>();
  let evaluated = 0;
  for (const { timeMs, event, host = '' } of events) {
    if (event.kind !== 'task-deployed') continue;
    evaluated++;
    const epoch = deployerOf(event.attempt) ?? 0;
    const before = newest.get(host) ?? 0;
    newest.set(host, Math.max(before, epoch));
    if (epoch >= before) continue;
    const message = `At ${timeMs} ms ${host} ran ${event.attempt} after tasks of leader ${before}`;
    return invalid(evaluated, message, {
      expected: [`leader ≥ ${before}`],
      actual: [`leader ${epoch}`],
    });
  }
  return valid(evaluated);
}

/** What a leader tells of its work; that it has none any more is no work. */
const WORK: ReadonlySet<string> = new Set([
  'checkpoint-triggered',
  'checkpoint-completed',
  'checkpoint-aborted',
  'job-restoring',
  'job-running',
  'job-failing',
  'job-restarting',
  'job-finished',
  'job-canceled',
  'job-failed',
]);

function working(events: History['events'], elections: readonly Election[]): Finding {
  const leaders = new Leaders();
  let evaluated = 0;
  for (const timed of events) {
    const { event, timeMs } = timed;
    leaders.happened(timed);
    const epoch = leaders.epochOf(timed);
    if (epoch === undefined || !WORK.has(event.kind)) continue;
    evaluated++;
    const newest = electedBefore(elections, timeMs - STEPS_DOWN_MS);
    if (epoch >= newest) continue;
    const message = `At ${timeMs} ms leader ${epoch} told ${event.kind}`;
    return invalid(evaluated, `${message}, long after ${newest} was elected`, {
      expected: [`leader ${newest}`],
      actual: [`leader ${epoch}`],
    });
  }
  return valid(evaluated);
}
