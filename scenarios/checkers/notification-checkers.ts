// Judges of what tasks hear of the ends of checkpoints, and of what they do after that. Messages to
// a task keep their order: one that has heard of a later end has missed an earlier one for good.

import type { EngineEvent } from '../../engine/runtime/observer.ts';
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

type Outcome = Extract<EngineEvent, { readonly kind: 'checkpoint-notified' }>['outcome'];

/** A checkpoint is over, and its leader has told those that took part. */
interface End {
  readonly checkpoint: number;
  readonly outcome: Outcome;
  readonly timeMs: number;
  readonly epoch: number | undefined;
  readonly tookPart: ReadonlySet<string>;
}

export const endsAreTold: Checker = {
  name: 'checkpoint-ends-are-told',
  explanation:
    'Whoever takes part in a checkpoint hears whether it is complete or given up, before it ' +
    'hears of one that ended later.',
  check({ events }: History): Finding {
    const ends = endsOf(events);
    const heard = heardBy(events);
    let evaluated = 0;
    for (const [attempt, told] of heard) {
      const own = ends.filter(({ epoch }) => epoch === undefined || deployerOf(attempt) === epoch);
      const latest = own.findLast((end) => told.has(nameOf(end)));
      for (const end of own) {
        if (latest === undefined || end.timeMs >= latest.timeMs) break;
        if (!end.tookPart.has(attempt)) continue;
        evaluated++;
        if (told.has(nameOf(end))) continue;
        const { checkpoint, outcome, timeMs } = end;
        const what = outcome === 'completed' ? 'is complete' : 'was given up';
        return invalid(
          evaluated,
          `${attempt} took part in checkpoint ${checkpoint} and never heard that it ${what} at ` +
            `${timeMs} ms, but of checkpoint ${latest.checkpoint}`,
          { expected: [nameOf(end)], actual: [] },
        );
      }
    }
    return evaluated === 0 ? NOT_EXERCISED : valid(evaluated);
  },
};

export const snapshotsInOrder: Checker = {
  name: 'snapshots-in-order',
  explanation:
    'The snapshots of a task are of ever newer checkpoints, and of none that it was told is over.',
  check({ events }: History): Finding {
    const latest = new Map<string, number>();
    const over = new Map<string, Set<number>>();
    let evaluated = 0;
    for (const { timeMs, event } of events) {
      if (event.kind === 'checkpoint-notified') {
        addTo(over, event.attempt, event.checkpoint);
        continue;
      }
      if (event.kind !== 'channels-at-barrier') continue;
      const { attempt, checkpoint } = event;
      evaluated++;
      const before = latest.get(attempt) ?? 0;
      latest.set(attempt, checkpoint);
      const isOver = over.get(attempt)?.has(checkpoint) === true;
      if (checkpoint > before && !isOver) continue;
      const why = isOver ? 'though it had heard of its end' : `after that of ${before}`;
      return invalid(
        evaluated,
        `At ${timeMs} ms ${attempt} took the snapshot of checkpoint ${checkpoint} ${why}`,
        { expected: [`> ${before}`], actual: [String(checkpoint)] },
      );
    }
    return evaluated === 0 ? NOT_EXERCISED : valid(evaluated);
  },
};

export const failoverEndsCheckpoints: Checker = {
  name: 'failover-ends-checkpoints',
  explanation:
    'Checkpoints that are under way when tasks fail are over before tasks are deployed again: ' +
    'the new ones will never answer.',
  check({ events }: History): Finding {
    const pending = new Set<number>();
    let evaluated = 0;
    for (const { timeMs, event } of events) {
      if (event.kind === 'checkpoint-triggered') pending.add(event.checkpoint);
      if (event.kind === 'checkpoint-completed') pending.delete(event.checkpoint);
      if (event.kind === 'checkpoint-aborted' && event.checkpoint !== undefined) {
        pending.delete(event.checkpoint);
      }
      // They died with their leader.
      if (event.kind === 'leader-elected') pending.clear();
      if (event.kind !== 'job-restoring') continue;
      evaluated++;
      const [open] = pending;
      if (open === undefined) continue;
      return invalid(
        evaluated,
        `At ${timeMs} ms tasks were deployed while checkpoint ${open} was under way`,
        { expected: [], actual: [...pending].map(String) },
      );
    }
    return evaluated === 0 ? NOT_EXERCISED : valid(evaluated);
  },
};

/** In the order in which leaders decided them. */
function endsOf(events: readonly TimedEvent[]): readonly End[] {
  const leaders = new Leaders();
  const participants = new Map<number, Set<string>>();
  const ends: End[] = [];
  for (const timed of events) {
    const { event, timeMs } = timed;
    leaders.happened(timed);
    if (event.kind === 'channels-at-barrier') {
      addTo(participants, event.checkpoint, event.attempt);
    }
    const outcome = outcomeOf(event);
    if (outcome === undefined) continue;
    const { checkpoint } = outcome;
    const tookPart = new Set(participants.get(checkpoint));
    ends.push({ ...outcome, timeMs, epoch: leaders.epochOf(timed), tookPart });
  }
  return ends;
}

/** Of a savepoint that is complete nobody is told: it belongs to its user. */
function outcomeOf(event: EngineEvent): Pick<End, 'checkpoint' | 'outcome'> | undefined {
  if (event.kind === 'checkpoint-aborted' && event.checkpoint !== undefined) {
    return { checkpoint: event.checkpoint, outcome: 'aborted' };
  }
  if (event.kind !== 'checkpoint-completed' || event.savepoint) return undefined;
  return { checkpoint: event.checkpoint, outcome: 'completed' };
}

function heardBy(events: readonly TimedEvent[]): ReadonlyMap<string, ReadonlySet<string>> {
  const heard = new Map<string, Set<string>>();
  for (const { event } of events) {
    if (event.kind === 'checkpoint-notified') addTo(heard, event.attempt, nameOf(event));
  }
  return heard;
}

/** One that was given up because nobody knew whether it was stored may be complete in the end. */
function nameOf({ checkpoint, outcome }: Pick<End, 'checkpoint' | 'outcome'>): string {
  return `${outcome} ${checkpoint}`;
}

function addTo<K, V>(sets: Map<K, Set<V>>, key: K, value: V): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([value]));
  else set.add(value);
}
