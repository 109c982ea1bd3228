// What a person needs to see of a failing run, in order: faults as they struck, what the job did
// about them, and the violation. The trace has the rest.

import type { EngineEvent } from '../engine/runtime/observer.ts';
import type { World } from '../simulator/index.ts';
import type { TimedEvent } from './checkers/checker.ts';

export interface ScheduleRow {
  readonly timeMs: number;
  readonly host: string;
  readonly text: string;
  readonly kind: 'fault' | 'event' | 'violation';
}

export function scheduleOf(
  world: World,
  events: readonly TimedEvent[],
  violation: string | undefined,
): readonly ScheduleRow[] {
  const rows = [...faultRows(world), ...eventRows(events)].sort((a, b) => a.timeMs - b.timeMs);
  if (violation === undefined) return rows;
  const [text = ''] = violation.split('\n', 1);
  return [...rows, { timeMs: world.nowMs, host: 'world', text, kind: 'violation' }];
}

/**
 * A fault that names its victim is noted by the world; what stages it is a step of the same name.
 */
function faultRows(world: World): readonly ScheduleRow[] {
  const ofWorld = world
    .entries()
    .filter(({ host, kind }) => host === 'world' && (kind === 'fault' || kind === 'note'));
  const notes = ofWorld.filter(({ kind }) => kind === 'note');
  return ofWorld
    .filter(
      (entry) =>
        entry.kind === 'note' ||
        !notes.some(({ step, text }) => step === entry.step && text.startsWith(`${entry.text} `)),
    )
    .map(({ timeMs, text }) => ({ timeMs, host: 'world', text, kind: 'fault' }));
}

function eventRows(events: readonly TimedEvent[]): readonly ScheduleRow[] {
  return events.flatMap(({ timeMs, event, host }): ScheduleRow[] => {
    const text = describe(event);
    const at = host?.startsWith('jm') === true ? host : 'jm';
    return text === undefined ? [] : [{ timeMs, host: at, text, kind: 'event' }];
  });
}

/** Undefined for what is only of use in a trace. */
function describe(event: EngineEvent): string | undefined {
  switch (event.kind) {
    case 'leader-elected':
      return `leads the job, epoch ${event.leaderEpoch}`;
    case 'leadership-revoked':
      return `leads the job no more, epoch ${event.leaderEpoch}`;
    case 'job-restoring': {
      const from = event.checkpoint === undefined ? 'nothing' : `checkpoint ${event.checkpoint}`;
      return `starts ${event.attempts.length} tasks from ${from}`;
    }
    case 'job-running':
      return 'all tasks run';
    case 'job-failing':
      return `fails: ${event.cause}`;
    case 'checkpoint-completed':
      return `${event.savepoint ? 'savepoint' : 'checkpoint'} ${event.checkpoint} is complete`;
    case 'checkpoint-aborted':
      if (event.checkpoint === undefined) return undefined;
      return `checkpoint ${event.checkpoint} is given up: ${event.reason}`;
    case 'job-finished':
      return 'finished';
    case 'job-failed':
      return `failed: ${event.cause}`;
    default:
      return undefined;
  }
}
