// How much is fetched at once when a great many timers are due, how many timers are in memory, and
// which of them the store never hears of.

import test from 'ava';

import { FileSystemError } from '../../../environment/filesystem.ts';
import { longSerializer } from '../../../stream/serializers/primitive-serializers.ts';
import type { KeyedStateBackend, TimerQueue } from '../../state-backend.ts';
import { batch, RocksDBWorld } from '../../testing/rocksdb-world.ts';
import { takeTimers } from '../../testing/take-timers.ts';
import { VOID } from '../../testing/state-world.ts';

const TIMERS = 5_000;
const KEYS = Array.from({ length: TIMERS }, (_, key) => key);
const WINDOW_END = 99;
const EVER = Number.MAX_SAFE_INTEGER;

const count = (backend: KeyedStateBackend) =>
  backend.valueState<'void', number>({ kind: 'value', name: 'count' }, VOID);
const timersOf = (backend: KeyedStateBackend): TimerQueue<number> =>
  backend.timerQueue<number>('timers', longSerializer);

/** All keys have state and a timer, all at one time, as at the end of a window. */
async function oneHugeWindow(world: RocksDBWorld): Promise<KeyedStateBackend> {
  const backend = await world.open({ trackDigest: false });
  await batch(backend, KEYS, (key) => {
    count(backend).update(key);
    timersOf(backend).add({ key, namespace: 0, timestamp: WINDOW_END });
  });
  const restored = await world.open({
    restore: [await world.snapshot(backend)],
    trackDigest: false,
  });
  Object.assign(world.stores.counts, { getMany: 0, scan: 0, write: 0, writtenEntries: 0 });
  return restored;
}

/** Fires what is due; returns how many timers fired after each time that something was fetched. */
async function fireAll(
  t: { is(actual: unknown, expected: unknown): unknown },
  backend: KeyedStateBackend,
): Promise<readonly number[]> {
  const queue = timersOf(backend);
  const fired: number[] = [];
  while (queue.earliest !== undefined) {
    await backend.prepareTimers?.('timers', WINDOW_END);
    let chunk = 0;
    for (let head = queue.peek(); head !== undefined; head = queue.peek()) {
      if (backend.isPrepared?.(head.key) === false) break;
      backend.setCurrentKey(head.key);
      queue.poll();
      t.is(count(backend).value(), head.key);
      count(backend).clear();
      chunk++;
    }
    fired.push(chunk);
  }
  return fired;
}

test('timers on the heap: the state of a huge window is fetched in pieces', async (t) => {
  const world = new RocksDBWorld({ incremental: true, cacheBytes: 0 });
  const fired = await fireAll(t, await oneHugeWindow(world));
  t.deepEqual(fired, [1024, 1024, 1024, 1024, TIMERS - 4 * 1024]);
  t.is(world.stores.counts.getMany, 5);
});

test('timers in RocksDB: timers and state of a huge window are fetched in pieces', async (t) => {
  const timerCacheSize = 400;
  const world = new RocksDBWorld({
    incremental: true,
    cacheBytes: 0,
    timerService: 'rocksdb',
    timerCacheSize,
  });
  const backend = await oneHugeWindow(world);
  t.is(timersOf(backend).size, undefined);
  t.is(timersOf(backend).peek(), undefined);
  const fired = await fireAll(t, backend);
  t.is(
    fired.reduce((sum, chunk) => sum + chunk, 0),
    TIMERS,
  );
  // The last one may only find that there is nothing left.
  t.true(fired.slice(0, -1).every((chunk) => chunk > 0));
  t.true(fired.every((chunk) => chunk <= timerCacheSize));
  t.true(fired.length < 60, `${fired.length} pieces`);
  t.is(timersOf(backend).size, 0);
});

test('no more timers are in memory than there is room for', async (t) => {
  const timerCacheSize = 100;
  const world = new RocksDBWorld({ timerService: 'rocksdb', timerCacheSize });
  const backend = await world.open({ trackDigest: false });
  const queue = timersOf(backend);
  for (const key of KEYS) {
    queue.add({ key, namespace: 0, timestamp: (key * 37) % 1_000 });
    t.true(queue.keysUpTo(EVER, TIMERS).length <= timerCacheSize);
  }
  await backend.prepareTimers?.('timers', EVER);
  const inMemory = queue.keysUpTo(EVER, TIMERS).length;
  t.true(inMemory > 0 && inMemory <= timerCacheSize, `${inMemory} timers`);
  t.is((await takeTimers(backend, 'timers', queue)).length, TIMERS);
});

test('a timer that is gone before anything is written never reaches the store', async (t) => {
  const world = new RocksDBWorld({ incremental: true, timerService: 'rocksdb' });
  const backend = await world.open({ trackDigest: false });
  const queue = timersOf(backend);
  for (const key of KEYS.slice(0, 100)) queue.add({ key, namespace: 0, timestamp: key });
  for (const key of KEYS.slice(0, 50)) queue.remove({ key, namespace: 0, timestamp: key });
  t.is((await takeTimers(backend, 'timers', queue, 98)).length, 49);
  await world.snapshot(backend);
  t.is(world.stores.counts.writtenEntries, 1);
  await takeTimers(backend, 'timers', queue);
  t.is(await world.start(backend), undefined);
  t.is(world.stores.counts.writtenEntries, 2, 'only what is there has to be removed');
});

test('after a write that failed no timer is fetched', async (t) => {
  const world = new RocksDBWorld({ incremental: true, timerService: 'rocksdb', timerCacheSize: 2 });
  const backend = await world.open();
  const queue = timersOf(backend);
  for (const key of [1, 2, 3, 4]) queue.add({ key, namespace: 0, timestamp: key });
  world.stores.writeFailure = new FileSystemError('ENOSPC', 'write', '/tmp');
  for (let attempt = 0; attempt < 2; attempt++) {
    await t.throwsAsync(async () => takeTimers(backend, 'timers', queue), { message: /ENOSPC/ });
  }
  await backend.dispose();
  t.deepEqual(world.filesystem.paths(), []);
});

test('what is not an integer is no time of a timer', async (t) => {
  const world = new RocksDBWorld({ timerService: 'rocksdb' });
  const queue = timersOf(await world.open());
  t.throws(() => queue.add({ key: 1, namespace: 0, timestamp: 1.5 }));
});
