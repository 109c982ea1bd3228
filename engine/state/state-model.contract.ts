// Any sequence of operations, snapshots and restores leaves a backend with what plain Maps would
// hold. Every snapshot is written while later operations go on, and is read back at another
// parallelism.

import test from 'ava';
import fc from 'fast-check';

import { longSerializer } from '../stream/serializers/primitive-serializers.ts';
import type { KeyedStateBackend } from './state-backend.ts';
import type { KeyedStateHandle } from './state-handle.ts';
import type { CreateBackend } from './testing/state-world.ts';
import { StateWorld, useKey } from './testing/state-world.ts';

const KEYS = ['a', 'b', 7, [1, 'x'], 'user-1'] as const;
const NAMESPACES = [0, 1];

interface Operation {
  readonly kind:
    | 'update'
    | 'clear'
    | 'add'
    | 'mutate'
    | 'put'
    | 'remove'
    | 'fold'
    | 'merge'
    | 'timer';
  readonly key: number;
  readonly namespace: number;
  readonly value: number;
}
type Command = Operation | { readonly kind: 'snapshot' } | { readonly kind: 'finish' };

/** The content of one (key, namespace): what every state kind holds there. */
interface Cell {
  value: { n: number; list: number[] } | undefined;
  list: number[];
  map: Map<number, number>;
  sum: number | undefined;
  timers: Set<number>;
}
type Model = Map<string, Cell>;

const operation: fc.Arbitrary<Command> = fc.record({
  kind: fc.constantFrom<Operation['kind'][]>(
    'update',
    'clear',
    'add',
    'mutate',
    'put',
    'remove',
    'fold',
    'merge',
    'timer',
  ),
  key: fc.nat(KEYS.length - 1),
  namespace: fc.nat(NAMESPACES.length - 1),
  value: fc.nat(5),
});
const command = fc.oneof(
  { arbitrary: operation, weight: 10 },
  { arbitrary: fc.constant<Command>({ kind: 'snapshot' }), weight: 1 },
  { arbitrary: fc.constant<Command>({ kind: 'finish' }), weight: 1 },
);

export function stateModelContract(name: string, create: CreateBackend): void {
  test(`${name}: operations, snapshots and restores do what plain Maps do`, async (t) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(command, { maxLength: 60, size: 'max' }),
        fc.integer({ min: 1, max: 4 }),
        (commands, parallelism) => run(create, commands, parallelism),
      ),
      { numRuns: 80 },
    );
    t.pass();
  });
}

async function run(
  create: CreateBackend,
  commands: readonly Command[],
  parallelism: number,
): Promise<void> {
  const world = new StateWorld(create);
  const backend = await world.open();
  const model: Model = new Map();
  const running: { handle: Promise<KeyedStateHandle | undefined>; model: Model }[] = [];
  for (const next of [...commands, { kind: 'snapshot' } as const]) {
    if (next.kind === 'snapshot') {
      world.streams.hold();
      running.push({ handle: world.startSnapshot(backend), model: structuredClone(model) });
    } else if (next.kind === 'finish') {
      world.streams.release();
      await Promise.all(running.map(({ handle }) => handle));
    } else await apply(next, backend, cellOf(model, next.key, next.namespace), model);
  }
  compare(await contentOf(world, [backend]), model, 'live');
  for (const [index, { handle, model: expected }] of running.entries()) {
    const written = await handle;
    const restore = written === undefined ? [] : [written];
    const subtasks = await world.openAll({ parallelism, restore });
    compare(await contentOf(world, subtasks), expected, `snapshot ${index}`);
    for (const subtask of subtasks) await subtask.dispose();
  }
  await backend.dispose();
}

function statesOf(backend: KeyedStateBackend, namespace: number) {
  const value = backend.valueState<number, { n: number; list: number[] }>(
    { kind: 'value', name: 'value' },
    longSerializer,
  );
  const list = backend.listState<number, number>({ kind: 'list', name: 'list' }, longSerializer);
  const map = backend.mapState<number, number, number>(
    { kind: 'map', name: 'map' },
    longSerializer,
  );
  const sum = backend.reducingState<number, number>(
    { kind: 'reducing', name: 'sum', reduce: (left, right) => left + right },
    longSerializer,
  );
  const timers = backend.timerQueue<number>('timers', longSerializer);
  for (const state of [value, list, map, sum]) state.setCurrentNamespace(namespace);
  return { value, list, map, sum, timers };
}

function cellOf(model: Model, key: number, namespace: number): Cell {
  const id = `${key}/${namespace}`;
  const cell = model.get(id) ?? emptyCell();
  model.set(id, cell);
  return cell;
}

function emptyCell(): Cell {
  return { value: undefined, list: [], map: new Map(), sum: undefined, timers: new Set() };
}

async function apply(
  operation: Operation,
  backend: KeyedStateBackend,
  cell: Cell,
  model: Model,
): Promise<void> {
  const { kind, value, namespace } = operation;
  const key = KEYS[operation.key];
  await useKey(backend, key);
  const states = statesOf(backend, namespace);
  if (kind === 'update') {
    states.value.update({ n: value, list: [value] });
    cell.value = { n: value, list: [value] };
  } else if (kind === 'clear') {
    states.value.clear();
    states.list.clear();
    Object.assign(cell, { value: undefined, list: [] });
  } else if (kind === 'add') {
    states.list.add(value);
    cell.list.push(value);
  } else if (kind === 'mutate') {
    const current = states.value.value();
    current?.list.push(value);
    states.value.update(current);
    cell.value?.list.push(value);
  } else if (kind === 'put') {
    states.map.put(value, operation.key);
    cell.map.set(value, operation.key);
  } else if (kind === 'remove') {
    states.map.remove(value);
    cell.map.delete(value);
  } else if (kind === 'fold') {
    states.sum.add(value);
    cell.sum = (cell.sum ?? 0) + value;
  } else if (kind === 'merge') {
    states.list.mergeNamespaces(0, [1]);
    const source = cellOf(model, operation.key, 1);
    const target = cellOf(model, operation.key, 0);
    target.list.push(...source.list.splice(0));
  } else {
    states.timers.add({ key, namespace, timestamp: value });
    cell.timers.add(value);
  }
}

async function contentOf(
  world: StateWorld,
  subtasks: readonly KeyedStateBackend[],
): Promise<Model> {
  const content: Model = new Map();
  for (const [index, key] of KEYS.entries()) {
    for (const namespace of NAMESPACES) {
      const { value, list, map, sum } = statesOf(await world.at(subtasks, key), namespace);
      content.set(`${index}/${namespace}`, {
        value: structuredClone(value.value()),
        list: [...list.get()],
        map: new Map(map.entries()),
        sum: sum.get(),
        timers: new Set(),
      });
    }
  }
  world.streams.release();
  // Polling empties the queues, so timers are read from a copy of the backends.
  const copies = await world.openAll({ restore: await world.snapshot(...subtasks) });
  for (const copy of copies) {
    const queue = copy.timerQueue<number>('timers', longSerializer);
    for (let head = queue.poll(); head !== undefined; head = queue.poll()) {
      const index = KEYS.findIndex((key) => JSON.stringify(key) === JSON.stringify(head?.key));
      content.get(`${index}/${head.namespace}`)?.timers.add(head.timestamp);
    }
    await copy.dispose();
  }
  return content;
}

function compare(content: Model, model: Model, what: string): void {
  for (const [id, cell] of content) {
    const expected = fc.stringify(sorted(model.get(id) ?? emptyCell()));
    const found = fc.stringify(sorted(cell));
    if (found !== expected) throw new Error(`${what}, ${id}: ${found} instead of ${expected}`);
  }
}

/** Maps and Sets have no order that backends share. */
function sorted(cell: Cell): unknown {
  const map = [...cell.map].sort(([left], [right]) => left - right);
  return { ...cell, map, timers: [...cell.timers].sort((left, right) => left - right) };
}
