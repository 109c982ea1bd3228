// Which keys are in memory, when the store is asked, and what becomes of writes that fail.

import test from 'ava';

import { InvariantViolation } from '../../core/assert.ts';
import { FileSystemError } from '../../environment/filesystem.ts';
import { longSerializer } from '../../stream/serializers/primitive-serializers.ts';
import type { KeyedStateBackend } from '../state-backend.ts';
import { batch, RocksDBWorld } from '../testing/rocksdb-world.ts';
import { VOID } from '../testing/state-world.ts';

const count = (backend: KeyedStateBackend) =>
  backend.valueState<'void', number>({ kind: 'value', name: 'count' }, VOID);
const sums = (backend: KeyedStateBackend) =>
  backend.valueState<'void', number>({ kind: 'value', name: 'sum' }, VOID);

function numbers(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

test('values of all keys of a batch are read in one call', async (t) => {
  const world = new RocksDBWorld({ incremental: true });
  const backend = await world.open();
  await batch(backend, numbers(0, 500), (key) => {
    count(backend).update(key);
    sums(backend).update(-key);
  });
  t.deepEqual(world.stores.counts, { getMany: 0, scan: 0, write: 0, writtenEntries: 0 });
  const restored = await world.open({
    restore: [await world.snapshot(backend)],
    trackDigest: false,
  });
  Object.assign(world.stores.counts, { getMany: 0, scan: 0 });
  await batch(restored, numbers(0, 500), (key) => {
    t.is(count(restored).value(), key);
    t.is(sums(restored).value(), -key);
  });
  t.like(world.stores.counts, { getMany: 1, scan: 0 });
  t.is(restored.prepare?.(numbers(0, 500)), undefined, 'they are in memory now');
  t.like(world.stores.counts, { getMany: 1, scan: 0 });
});

test('state many times the cache is right, and leaves the cache again', async (t) => {
  const world = new RocksDBWorld({ cacheBytes: 20_000 });
  const backend = await world.open();
  const total = new Map<number, number>();
  for (let round = 0; round < 60; round++) {
    const keys = numbers(0, 50).map((index) => (round * 37 + index * index) % 1000);
    await batch(backend, keys, (key) => {
      const state = count(backend);
      t.is(state.value(), total.get(key));
      total.set(key, (total.get(key) ?? 0) + round);
      state.update(total.get(key));
    });
  }
  t.true(world.stores.counts.getMany > 20, 'keys came back from the store');
  const restored = await world.openHeap({ restore: [await world.snapshot(backend)] });
  count(restored);
  t.is(restored.logicalDigest(), backend.logicalDigest());
});

test('a key that is current while it leaves the cache is found anew', async (t) => {
  const world = new RocksDBWorld({ cacheBytes: 0 });
  const backend = await world.open();
  await batch(backend, [1], () => count(backend).update(1));
  await batch(backend, [2], () => undefined);
  await batch(backend, [1], () => count(backend).update(2));
  await backend.prepare?.([2, 3]);
  await batch(backend, [1, 2], (key) => count(backend).update(key + 10));
  backend.setCurrentKey(1);
  t.is(count(backend).value(), 11);
});

test('a hot key is written once, however often it changes', async (t) => {
  const world = new RocksDBWorld();
  const backend = await world.open();
  for (let round = 0; round < 100; round++) {
    await batch(backend, [1, 2], () => count(backend).update(round));
  }
  await world.snapshot(backend);
  t.is(world.stores.counts.writtenEntries, 2);
});

test('the state of a key that was not prepared is a bug of ours', async (t) => {
  const world = new RocksDBWorld();
  const backend = await world.open();
  await batch(backend, ['a'], () => count(backend).update(1));
  backend.setCurrentKey('b');
  for (const use of [
    () => count(backend).value(),
    () => count(backend).update(1),
    () => backend.mapState({ kind: 'map', name: 'm' }, VOID).isEmpty(),
  ]) {
    const error = t.throws(use, { instanceOf: InvariantViolation });
    t.is(error?.message, 'Cannot use the state of key b: it was not prepared');
  }
});

test('a synchronous store needs no preparation and is asked for what is missing', async (t) => {
  const world = new RocksDBWorld({ cacheBytes: 5_000 }, true);
  const backend = await world.open({ trackDigest: false });
  for (const key of numbers(0, 300)) {
    backend.setCurrentKey(key);
    count(backend).update(key);
    backend.mapState<'void', string, number>({ kind: 'map', name: 'm' }, VOID).put('x', key);
  }
  t.is(backend.prepare?.(numbers(0, 300)), undefined);
  for (const key of numbers(0, 300)) {
    backend.setCurrentKey(key);
    t.is(count(backend).value(), key);
    const map = backend.mapState<'void', string, number>({ kind: 'map', name: 'm' }, VOID);
    t.is(map.get('x'), key);
    t.is(map.get('y'), undefined);
    t.deepEqual([...map.keys()], ['x']);
  }
  t.like(world.stores.counts, { getMany: 0, scan: 0 });
});

test('keys of due timers are prepared with their state', async (t) => {
  const world = new RocksDBWorld({ cacheBytes: 0, incremental: true });
  const backend = await world.open();
  await batch(backend, numbers(0, 50), (key) => {
    count(backend).update(key);
    backend.timerQueue<number>('timers', longSerializer).add({ key, namespace: 7, timestamp: key });
  });
  const restored = await world.open({ restore: [await world.snapshot(backend)] });
  const queue = restored.timerQueue<number>('timers', longSerializer);
  await restored.prepareTimers?.('timers', 30);
  for (let head = queue.peek(); head !== undefined && head.timestamp <= 30; head = queue.peek()) {
    restored.setCurrentKey(head.key);
    queue.poll();
    t.is(count(restored).value(), head.timestamp);
  }
  t.is(queue.size, 19);
  restored.setCurrentKey(31);
  t.throws(() => count(restored).value(), { instanceOf: InvariantViolation });
});

test('after a write that failed nothing goes on', async (t) => {
  for (const isSynchronous of [false, true]) {
    const world = new RocksDBWorld({ cacheBytes: 0, incremental: true }, isSynchronous);
    const backend = await world.open();
    await batch(backend, [1], () => count(backend).update(1));
    world.stores.writeFailure = new FileSystemError('ENOSPC', 'write', '/tmp');
    await t.throwsAsync(async () => world.snapshot(backend), { message: /ENOSPC/ });
    await t.throwsAsync(async () => backend.prepare?.([1]), { message: /ENOSPC/ });
    await t.throwsAsync(async () => world.snapshot(backend), { message: /ENOSPC/ });
    await backend.dispose();
    t.deepEqual(world.filesystem.paths(), []);
  }
});
