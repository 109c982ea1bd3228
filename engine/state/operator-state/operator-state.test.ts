// Operator state: Flink's rules of dealing it out, and what a restored operator finds.

import test from 'ava';

import { checkpointId } from '../../core/ids.ts';
import {
  longSerializer,
  stringSerializer,
} from '../../stream/serializers/primitive-serializers.ts';
import type { OperatorStateBackend } from '../state-backend.ts';
import type { OperatorStateHandle } from '../state-handle.ts';
import { MemoryStreams, readMemoryHandle } from '../testing/memory-streams.ts';
import { createOperatorStateBackend } from './operator-state-backend.ts';
import type { OperatorStateMode, RawElement, RawOperatorState } from './operator-state-format.ts';
import { repartitionOperatorState } from './repartition.ts';

function element(text: string): RawElement {
  return { schema: stringSerializer.snapshot(), bytes: new TextEncoder().encode(text) };
}

/** `counts`: elements per old subtask, named `s<subtask>.<index>`. */
function states(
  mode: OperatorStateMode,
  counts: readonly number[],
  name = 'n',
): RawOperatorState[][] {
  return counts.map((count, subtask) => [
    { mode, name, elements: Array.from({ length: count }, (_, i) => element(`s${subtask}.${i}`)) },
  ]);
}

function dealt(before: RawOperatorState[][], parallelism: number, name = 'n'): string[] {
  return repartitionOperatorState(before, parallelism).map((restored) => {
    const elements = restored.find((state) => state.name === name)?.elements ?? [];
    return elements.map(({ bytes }) => new TextDecoder().decode(bytes)).join(' ');
  });
}

test('split state is dealt out as Flink does', (t) => {
  t.deepEqual(dealt(states('split', [3, 2, 1]), 4), ['s0.0 s0.1', 's0.2 s1.0', 's1.1', 's2.0']);
  t.deepEqual(dealt(states('split', [2, 2]), 3), ['s0.0 s0.1', 's1.0', 's1.1']);
  t.deepEqual(dealt(states('split', [1]), 2), ['s0.0', '']);
  t.deepEqual(dealt(states('split', [0, 4]), 3), ['s1.0 s1.1', 's1.2', 's1.3']);
  const sizes = (counts: readonly number[], parallelism: number) =>
    dealt(states('split', counts), parallelism).map((share) => share.split(' ').length);
  t.deepEqual(sizes([7], 3), [3, 2, 2]);
  t.deepEqual(sizes([5, 5, 5, 5], 3), [7, 7, 6]);
});

test('split state is left alone where the parallelism is the same', (t) => {
  t.deepEqual(dealt(states('split', [3, 0, 1]), 3), ['s0.0 s0.1 s0.2', '', 's2.0']);
});

test('the next split state starts where the smaller shares of the last one began', (t) => {
  const before = [
    [...(states('split', [4], 'a')[0] ?? []), ...(states('split', [1], 'b')[0] ?? [])],
  ];
  t.deepEqual(dealt(before, 3, 'a'), ['s0.0 s0.1', 's0.2', 's0.3']);
  t.deepEqual(dealt(before, 3, 'b'), ['', 's0.0', '']);
});

test('union state goes to everybody, broadcast state by copy', (t) => {
  const all = 's0.0 s1.0 s1.1';
  t.deepEqual(dealt(states('union', [1, 2]), 3), [all, all, all]);
  t.deepEqual(dealt(states('union', [1, 2]), 2), [all, all]);
  t.deepEqual(dealt(states('broadcast', [1, 1]), 5), ['s0.0', 's1.0', 's0.0', 's1.0', 's0.0']);
  t.deepEqual(dealt(states('broadcast', [1, 1, 1]), 1), ['s0.0']);
});

async function open(
  parallelism: number,
  restore: readonly (readonly OperatorStateHandle[])[] = [],
): Promise<OperatorStateBackend[]> {
  const indexes = Array.from({ length: parallelism }, (_, index) => index);
  return Promise.all(
    indexes.map((subtaskIndex) =>
      createOperatorStateBackend({
        operatorName: 'source',
        subtaskIndex,
        parallelism,
        restore,
        read: readMemoryHandle,
      }),
    ),
  );
}

async function snapshot(
  subtasks: readonly OperatorStateBackend[],
): Promise<readonly (readonly OperatorStateHandle[])[]> {
  const handles: OperatorStateHandle[][] = [];
  for (const subtask of subtasks) {
    const handle = await subtask.snapshot(checkpointId(1), new MemoryStreams());
    handles.push(handle === undefined ? [] : [handle]);
  }
  return handles;
}

const offsets = { kind: 'list', name: 'offsets', serializer: longSerializer } as const;
const members = { kind: 'list', name: 'members' } as const;
const rules = { kind: 'map', name: 'rules' } as const;

function fill(subtasks: readonly OperatorStateBackend[]): void {
  for (const [index, subtask] of subtasks.entries()) {
    subtask.listState(offsets).addAll([index * 10, index * 10 + 1]);
    subtask.unionListState(members).add({ id: index });
    subtask.broadcastState(rules).put({ rule: 1 }, ['x']);
  }
}

test('lists, unions and broadcast maps survive a rescale', async (t) => {
  const before = await open(3);
  fill(before);
  const after = await open(2, await snapshot(before));
  t.deepEqual(
    after.map((subtask) => subtask.listState(offsets).get()),
    [
      [0, 1, 10],
      [11, 20, 21],
    ],
  );
  for (const subtask of after) {
    t.deepEqual(subtask.unionListState(members).get(), [{ id: 0 }, { id: 1 }, { id: 2 }]);
    t.deepEqual(subtask.broadcastState(rules).get({ rule: 1 }), ['x']);
  }
});

test('what nobody asked for is kept, each element once, over any number of restores', async (t) => {
  let subtasks = await open(3);
  fill(subtasks);
  for (const parallelism of [2, 2, 4, 3]) {
    subtasks = await open(parallelism, await snapshot(subtasks));
  }
  const all = subtasks.flatMap((subtask) => subtask.listState(offsets).get());
  t.deepEqual(
    [...all].sort((left, right) => left - right),
    [0, 1, 10, 11, 20, 21],
  );
  for (const subtask of subtasks) {
    t.deepEqual(subtask.unionListState(members).get(), [{ id: 0 }, { id: 1 }, { id: 2 }]);
    t.deepEqual([...subtask.broadcastState(rules).entries()], [[{ rule: 1 }, ['x']]]);
  }
});

test('a snapshot holds what was there when it was asked for', async (t) => {
  const [subtask] = await open(1);
  const list = subtask?.listState<{ n: number }>({ kind: 'list', name: 'l' });
  const item = { n: 1 };
  list?.add(item);
  const streams = new MemoryStreams();
  streams.hold();
  const running = subtask?.snapshot(checkpointId(1), streams);
  item.n = 2;
  list?.add({ n: 3 });
  streams.release();
  const handle = await running;
  const [restored] = await open(1, handle === undefined ? [] : [[handle]]);
  t.deepEqual(restored?.listState({ kind: 'list', name: 'l' }).get(), [{ n: 1 }]);
});

test('null rules, modes and schemas are checked', async (t) => {
  const [subtask] = await open(1);
  if (subtask === undefined) return t.fail();
  const list = subtask.listState<unknown>({ kind: 'list', name: 'offsets' });
  t.throws(() => list.add(undefined), { code: 'OP-E403' });
  list.add('text');
  t.throws(() => subtask.unionListState(offsets), { code: 'OP-E404' });
  const [other] = await open(1, await snapshot([subtask]));
  t.throws(() => other?.broadcastState({ kind: 'map', name: 'offsets' }), { code: 'OP-E404' });
  t.throws(() => other?.listState(offsets), { code: 'OP-E407' });
  t.deepEqual(other?.listState({ kind: 'list', name: 'offsets' }).get(), ['text']);
});

test('without elements there is no handle', async (t) => {
  const [subtask] = await open(1);
  subtask?.listState(offsets).update([]);
  t.is(await subtask?.snapshot(checkpointId(1), new MemoryStreams()), undefined);
});
