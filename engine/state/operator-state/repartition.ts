// How operator state is dealt out to the subtasks of a restored job. Flink's rules:
//  1. Split, same parallelism: every subtask gets back what it had.
//  2. Split, other parallelism: all elements in the order of the old subtasks, cut into contiguous
//     shares, `total / n` each and one more for the first `total % n` subtasks visited. The visit
//     starts at subtask 0; for the next state, at the first subtask that got a smaller share.
//  3. Union: every subtask gets all. 4. Broadcast: subtask i gets copy `i % copies`.
// States are taken in ascending order of their names: Flink's order depends on a hash map.

import { assert } from '../../core/assert.ts';
import type { OperatorStateMode, RawElement, RawOperatorState } from './operator-state-format.ts';

/** One state as one new subtask gets it. */
export interface RestoredOperatorState {
  readonly mode: OperatorStateMode;
  readonly name: string;
  /** What the operator sees once it asks for the state. */
  readonly elements: readonly RawElement[];
  /** What the next snapshot keeps if it never asks: over all subtasks, each element once. */
  readonly unclaimed: readonly RawElement[];
}

interface Parts {
  readonly mode: OperatorStateMode;
  readonly name: string;
  /** One list per old subtask, in its place; undefined where it did not have the state. */
  readonly bySubtask: readonly (readonly RawElement[] | undefined)[];
}

/** `before`: the states of every old subtask, ascending. Gives those of every new subtask. */
export function repartitionOperatorState(
  before: readonly (readonly RawOperatorState[])[],
  parallelism: number,
): readonly (readonly RestoredOperatorState[])[] {
  assert(parallelism >= 1, `Cannot deal state out to ${parallelism} subtasks`);
  const after: RestoredOperatorState[][] = Array.from({ length: parallelism }, () => []);
  let start = 0;
  for (const parts of partsOf(before)) {
    const dealt = deal(parts, parallelism, start);
    start = dealt.nextStart;
    for (let index = 0; index < parallelism; index++) {
      const unclaimed = dealt.shares[index] ?? [];
      const elements = parts.mode === 'union' ? allOf(parts) : unclaimed;
      after[index]?.push({ mode: parts.mode, name: parts.name, elements, unclaimed });
    }
  }
  return after;
}

function deal(
  parts: Parts,
  parallelism: number,
  start: number,
): { shares: readonly (readonly RawElement[])[]; nextStart: number } {
  const { mode, bySubtask } = parts;
  if (mode === 'broadcast') {
    const copies = bySubtask.filter((copy) => copy !== undefined);
    const indexes = Array.from({ length: parallelism }, (_, index) => index % copies.length);
    return { shares: indexes.map((copy) => copies[copy] ?? []), nextStart: start };
  }
  if (bySubtask.length === parallelism) {
    return { shares: bySubtask.map((elements) => elements ?? []), nextStart: start };
  }
  const dealt = splitEvenly(allOf(parts), parallelism, start);
  // Union states do not take part in the round: their split serves only what nobody asks for.
  return mode === 'union' ? { ...dealt, nextStart: start } : dealt;
}

function splitEvenly(
  elements: readonly RawElement[],
  parallelism: number,
  start: number,
): { shares: readonly (readonly RawElement[])[]; nextStart: number } {
  const smaller = Math.floor(elements.length / parallelism);
  const larger = elements.length % parallelism;
  const shares: (readonly RawElement[])[] = Array.from({ length: parallelism }, () => []);
  let offset = 0;
  for (let visit = 0; visit < parallelism; visit++) {
    const size = visit < larger ? smaller + 1 : smaller;
    shares[(start + visit) % parallelism] = elements.slice(offset, offset + size);
    offset += size;
  }
  return { shares, nextStart: (start + larger) % parallelism };
}

function allOf(parts: Parts): readonly RawElement[] {
  return parts.bySubtask.flatMap((elements) => elements ?? []);
}

/** Every state of the operator, ascending by name. */
function partsOf(before: readonly (readonly RawOperatorState[])[]): readonly Parts[] {
  const modes = new Map<string, OperatorStateMode>();
  for (const states of before) {
    for (const { name, mode } of states) {
      const known = modes.get(name) ?? mode;
      assert(known === mode, `Cannot deal out state "${name}": it is both ${known} and ${mode}`);
      modes.set(name, mode);
    }
  }
  const names = [...modes].sort(([left], [right]) => (left < right ? -1 : 1));
  return names.map(([name, mode]) => {
    const of = (states: readonly RawOperatorState[]) =>
      states.find((state) => state.name === name)?.elements;
    return { name, mode, bySubtask: before.map(of) };
  });
}
