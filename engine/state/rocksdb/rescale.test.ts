// Key groups that move between stores: whatever ids and schemas their states had there.

import test from 'ava';

import {
  longSerializer,
  stringSerializer,
} from '../../stream/serializers/primitive-serializers.ts';
import { structOf } from '../../stream/serializers/struct-serializer.ts';
import { keyGroupOf, operatorIndexOf } from '../key-groups.ts';
import type { KeyedStateBackend } from '../state-backend.ts';
import type { KeyedStateHandle } from '../state-handle.ts';
import { batch, RocksDBWorld } from '../testing/rocksdb-world.ts';
import { sortedTexts, VOID } from '../testing/state-world.ts';

const KEYS = Array.from({ length: 40 }, (_, index) => `user-${index}`);

interface Old {
  id: number;
}
interface New {
  id: number;
  city: string;
}
const before = structOf<Old>({ id: longSerializer });
const now = structOf<New>({ id: longSerializer, city: stringSerializer }, { city: 'Berlin' });

const count = (backend: KeyedStateBackend) =>
  backend.valueState<'void', number>({ kind: 'value', name: 'count' }, VOID);
const words = (backend: KeyedStateBackend) =>
  backend.mapState<'void', string, number>({ kind: 'map', name: 'words' }, VOID);
const old = (backend: KeyedStateBackend) =>
  backend.valueState<'void', Old>({ kind: 'value', name: 'who', serializer: before }, VOID);
const recent = (backend: KeyedStateBackend) =>
  backend.valueState<'void', New>({ kind: 'value', name: 'who', serializer: now }, VOID);
const oldPlaces = (backend: KeyedStateBackend) =>
  backend.mapState<'void', string, Old>(
    { kind: 'map', name: 'places', valueSerializer: before },
    VOID,
  );
const places = (backend: KeyedStateBackend) =>
  backend.mapState<'void', string, New>(
    { kind: 'map', name: 'places', valueSerializer: now },
    VOID,
  );

function of(world: RocksDBWorld, subtask: number, parallelism: number): readonly string[] {
  const { maxParallelism } = world;
  return KEYS.filter((key) => {
    const group = keyGroupOf(key, maxParallelism);
    return operatorIndexOf(group, parallelism, maxParallelism) === subtask;
  });
}

/** Two subtasks that asked for their states in another order each. */
async function twoSubtasks(world: RocksDBWorld): Promise<readonly KeyedStateHandle[]> {
  const handles: KeyedStateHandle[] = [];
  for (const index of [0, 1]) {
    const backend = await world.open({ subtask: [index, 2] });
    for (const open of index === 0 ? [count, words] : [words, count]) open(backend);
    await batch(backend, of(world, index, 2), (key) => {
      count(backend).update(key.length);
      words(backend).put(key, 1);
    });
    handles.push(await world.snapshot(backend));
  }
  return handles;
}

test('states are found by name, not by the id they had', async (t) => {
  const world = new RocksDBWorld();
  const restore = await twoSubtasks(world);
  for (const parallelism of [1, 2, 3]) {
    for (let index = 0; index < parallelism; index++) {
      const backend = await world.open({ restore, subtask: [index, parallelism] });
      const mine = of(world, index, parallelism);
      count(backend);
      t.deepEqual(sortedTexts(backend.keys('count', 'void')), sortedTexts(mine));
      await batch(backend, mine, (key) => {
        t.is(count(backend).value(), key.length);
        t.deepEqual([...words(backend).entries()], [[key, 1]]);
      });
    }
  }
});

test('a state of two kinds in two stores is OP-E404', async (t) => {
  const world = new RocksDBWorld();
  const restore: KeyedStateHandle[] = [];
  for (const [index, kind] of ['value', 'list'].entries()) {
    const backend = await world.open({ subtask: [index, 2] });
    await batch(backend, of(world, index, 2), () => {
      if (kind === 'list') backend.listState({ kind: 'list', name: 'count' }, VOID).add(1);
      else count(backend).update(1);
    });
    restore.push(await world.snapshot(backend));
  }
  await t.throwsAsync(world.open({ restore }), { code: 'OP-E404' });
});

test('values of an older schema are read after a move, and written as of today', async (t) => {
  const world = new RocksDBWorld();
  const restore: KeyedStateHandle[] = [];
  for (const index of [0, 1]) {
    const backend = await world.open({ subtask: [index, 2] });
    // The second subtask knows both schemas already, in another order.
    if (index === 1) recent(backend);
    await batch(backend, of(world, index, 2), (key) => {
      if (index === 0) old(backend).update({ id: key.length });
      else recent(backend).update({ id: key.length, city: 'Jena' });
    });
    restore.push(await world.snapshot(backend));
  }
  let backend = await world.open({ restore });
  for (const round of [0, 1]) {
    for (const index of [0, 1]) {
      await batch(backend, of(world, index, 2), (key) => {
        const city = index === 0 ? 'Berlin' : 'Jena';
        t.deepEqual(recent(backend).value(), { id: key.length, city }, `round ${round}`);
        if (key.endsWith('3')) recent(backend).update({ id: key.length, city });
      });
    }
    backend = await world.open({ restore: [await world.snapshot(backend)] });
  }
});

function byName<V>(entries: Iterable<readonly [string, V]>): readonly (readonly [string, V])[] {
  return [...entries].sort(([left], [right]) => (left < right ? -1 : 1));
}

test('a map of two schemas goes into a savepoint that no longer knows it', async (t) => {
  for (const isSynchronous of [false, true]) {
    const world = new RocksDBWorld({ incremental: true }, isSynchronous);
    let backend = await world.open();
    await batch(backend, KEYS, (key) => {
      oldPlaces(backend).putAll([
        ['home', { id: 1 }],
        [key, { id: 2 }],
      ]);
    });
    backend = await world.open({ restore: [await world.snapshot(backend)] });
    await batch(backend, KEYS.slice(0, 20), () => {
      places(backend).put('new', { id: 3, city: 'Ulm' });
    });
    backend = await world.open({ restore: [await world.snapshot(backend)] });
    const savepoint = await world.snapshot(backend, world.savepoints);
    const heap = await world.openHeap({ restore: [savepoint] });
    for (const [index, key] of KEYS.entries()) {
      heap.setCurrentKey(key);
      const expected = new Map([
        ['home', { id: 1, city: 'Berlin' }],
        [key, { id: 2, city: 'Berlin' }],
      ]);
      if (index < 20) expected.set('new', { id: 3, city: 'Ulm' });
      t.deepEqual(byName(places(heap).entries()), byName(expected));
    }
  }
});

test('a state that nobody asks for moves along, through stores and savepoints', async (t) => {
  const world = new RocksDBWorld();
  let restore = await twoSubtasks(world);
  for (const [parallelism, streams] of [
    [3, world.streams],
    [1, world.savepoints],
    [2, world.streams],
    [2, world.savepoints],
  ] as const) {
    const handles: KeyedStateHandle[] = [];
    for (let index = 0; index < parallelism; index++) {
      const backend = await world.open({ restore, subtask: [index, parallelism] });
      count(backend);
      handles.push(await world.snapshot(backend, streams));
    }
    restore = handles;
  }
  const heap = await world.openHeap({ restore });
  for (const key of KEYS) {
    heap.setCurrentKey(key);
    t.deepEqual([...words(heap).entries()], [[key, 1]]);
    t.is(count(heap).value(), key.length);
  }
});

test('values without a stamp live from the moment a time to live was declared', async (t) => {
  const world = new RocksDBWorld();
  let backend = await world.open();
  await batch(backend, KEYS, (key) => count(backend).update(key.length));
  const limited = () =>
    backend.valueState<'void', number>({ kind: 'value', name: 'count', ttl: { ttlMs: 100 } }, VOID);
  world.nowMs = 1000;
  backend = await world.open({ restore: [await world.snapshot(backend)] });
  limited();
  world.nowMs = 1060;
  backend = await world.open({ restore: [await world.snapshot(backend)] });
  await batch(backend, KEYS.slice(0, 1), (key) => t.is(limited().value(), key.length));
  const alive = backend.logicalDigest();
  world.nowMs = 1100;
  t.not(backend.logicalDigest(), alive);
  await batch(backend, KEYS, () => t.is(limited().value(), undefined));
});
