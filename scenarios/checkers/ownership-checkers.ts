// Judges of how state is dealt out on a restore, at the same parallelism or another: every key
// group, list element, split and pending committable of the checkpoint has exactly one owner.

import type { EngineEvent } from '../../engine/runtime/observer.ts';
import {
  type Checker,
  type Finding,
  type History,
  invalid,
  NOT_EXERCISED,
  valid,
} from './checker.ts';
import { addDigests } from './digest-sum.ts';
import { compareMultisets } from './multiset.ts';

type OperatorEvent = Extract<
  EngineEvent,
  { readonly kind: 'operator-state-snapshotted' | 'operator-state-restored' }
>;
type KeyedEvent = Extract<
  EngineEvent,
  { readonly kind: 'keyed-state-snapshotted' | 'keyed-state-restored' }
>;
type StateEvent = OperatorEvent | KeyedEvent;

/** The states of one operator, by subtask: as a checkpoint has them, and as they came back. */
interface Dealt<E extends StateEvent> {
  readonly what: string;
  readonly before: readonly E[];
  readonly after: readonly E[];
}

export const stateIsOwnedOnce: Checker = {
  name: 'state-is-owned-once',
  explanation:
    'All subtasks together restore what all subtasks together had snapshotted: no key group, ' +
    'list element, split or pending committable is lost, and none is given out twice.',
  check(history: History): Finding {
    let evaluated = 0;
    const keyed = history.stateExpires === true ? [] : dealtBy(history, isKeyed);
    for (const dealt of keyed) {
      evaluated++;
      const expected = addDigests(dealt.before.map(({ digest }) => digest));
      const actual = addDigests(dealt.after.map(({ digest }) => digest));
      if (expected === actual) continue;
      const message = `Keyed state of ${dealt.what} is not what it was, taken together`;
      return invalid(evaluated, message, { expected: [expected], actual: [actual] });
    }
    for (const dealt of dealtBy(history, isOfOperator)) {
      evaluated++;
      const finding = compareLists(dealt, evaluated);
      if (finding !== undefined) return finding;
    }
    return evaluated === 0 ? NOT_EXERCISED : valid(evaluated);
  },
};

function compareLists(dealt: Dealt<OperatorEvent>, evaluated: number): Finding | undefined {
  const { missing, surplus } = compareMultisets(
    elementsOf(dealt.before, 'split'),
    elementsOf(dealt.after, 'split'),
  );
  if (missing.length + surplus.length > 0) {
    const counts = `${missing.length} elements are lost, ${surplus.length} too many`;
    return invalid(evaluated, `Of the lists of ${dealt.what} ${counts}`, {
      expected: missing.slice(0, 8).map(({ text }) => text),
      actual: surplus.slice(0, 8).map(({ text }) => text),
    });
  }
  const whole = elementsOf(dealt.before, 'union');
  for (const one of dealt.after) {
    const difference = compareMultisets(whole, elementsOf([one], 'union'));
    if (difference.missing.length + difference.surplus.length === 0) continue;
    const message = `Subtask ${one.subtask} of ${dealt.what} does not have the whole union`;
    return invalid(evaluated, message, {
      expected: difference.missing.slice(0, 8).map(({ text }) => text),
      actual: difference.surplus.slice(0, 8).map(({ text }) => text),
    });
  }
  return undefined;
}

function elementsOf(events: readonly OperatorEvent[], mode: 'split' | 'union'): readonly string[] {
  return events.flatMap(({ lists }) =>
    lists
      .filter((list) => list.mode === mode)
      .flatMap(({ name, elements }) => elements.map((element) => `${name} ${element}`)),
  );
}

/** Restores of which all subtasks have got as far as to say what they got. */
function dealtBy<E extends StateEvent>(
  { events }: History,
  isWanted: (event: EngineEvent) => event is E,
): readonly Dealt<E>[] {
  const snapshots = new Map<string, E[]>();
  const restores = new Map<string, E[]>();
  const restoreOf = new Map<string, number>();
  for (const [index, { event }] of events.entries()) {
    if (event.kind === 'job-restoring') {
      for (const attempt of event.attempts) restoreOf.set(attempt, index);
    }
    if (!isWanted(event)) continue;
    const key = `${event.operator} at checkpoint ${event.checkpoint}`;
    const isRestored = event.kind.endsWith('restored');
    if (isRestored) append(restores, `${restoreOf.get(event.attempt) ?? 0} ${key}`, event);
    else append(snapshots, key, event);
  }
  return [...restores].flatMap(([key, after]) => {
    const what = key.slice(key.indexOf(' ') + 1);
    const subtasks = new Set(after.map(({ subtask }) => subtask));
    const before = snapshots.get(what) ?? [];
    const isWhole = subtasks.size === after[0]?.parallelism && subtasks.size === after.length;
    return isWhole && before.length > 0 ? [{ what, before, after }] : [];
  });
}

function append<E>(lists: Map<string, E[]>, key: string, value: E): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function isKeyed(event: EngineEvent): event is KeyedEvent {
  return event.kind === 'keyed-state-snapshotted' || event.kind === 'keyed-state-restored';
}

function isOfOperator(event: EngineEvent): event is OperatorEvent {
  return event.kind === 'operator-state-snapshotted' || event.kind === 'operator-state-restored';
}
