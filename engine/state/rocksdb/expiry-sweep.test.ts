// What has expired leaves the store, though nobody asks for it, and nothing else does.

import test from 'ava';

import type { KeyedStateBackend } from '../state-backend.ts';
import { batch, RocksDBWorld } from '../testing/rocksdb-world.ts';
import { VOID } from '../testing/state-world.ts';

const ttl = { ttlMs: 100 };

function statesOf(backend: KeyedStateBackend) {
  return {
    value: backend.valueState<'void', number>({ kind: 'value', name: 'value', ttl }, VOID),
    list: backend.listState<'void', number>({ kind: 'list', name: 'list', ttl }, VOID),
    map: backend.mapState<'void', string, number>({ kind: 'map', name: 'map', ttl }, VOID),
    forever: backend.valueState<'void', number>({ kind: 'value', name: 'forever' }, VOID),
  };
}

function numbers(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

async function entriesIn(world: RocksDBWorld, backend: KeyedStateBackend): Promise<number> {
  const handle = await world.snapshot(backend);
  const copy = await world.open({ restore: [handle], trackDigest: false });
  const store = await world.stores.open({ directory: world.stores.opened.at(-1)?.directory ?? '' });
  const entries = await store.scan({ from: new Uint8Array(0), to: undefined });
  await store.close();
  await copy.dispose();
  return entries.length;
}

for (const isSynchronous of [false, true]) {
  test(`expired entries go, synchronous: ${isSynchronous}`, async (t) => {
    const world = new RocksDBWorld({ cacheBytes: 0, incremental: true }, isSynchronous);
    const backend = await world.open();
    await batch(backend, numbers(0, 400), (key) => {
      const { value, list, map, forever } = statesOf(backend);
      value.update(key);
      list.add(key);
      map.put('x', key);
      forever.update(key);
    });
    world.nowMs = 60;
    await batch(backend, numbers(0, 100), () => statesOf(backend).list.add(-1));
    t.is(await entriesIn(world, backend), 1600);
    world.nowMs = 100;
    const digest = backend.logicalDigest();
    for (const key of numbers(1000, 1020)) await batch(backend, [key], () => undefined);
    t.is(backend.logicalDigest(), digest);
    t.is(await entriesIn(world, backend), 400 + 100);
    await batch(backend, numbers(0, 400), (key) => {
      const { value, list, map, forever } = statesOf(backend);
      t.deepEqual([value.value(), map.get('x'), forever.value()], [undefined, undefined, key]);
      t.deepEqual(list.get(), key < 100 ? [-1] : []);
    });
  });
}

test('what is newer in memory than in the store stays', async (t) => {
  const world = new RocksDBWorld({ cacheBytes: 1 << 20, incremental: true });
  const backend = await world.open();
  await batch(backend, numbers(0, 50), (key) => statesOf(backend).value.update(key));
  await world.snapshot(backend);
  world.nowMs = 90;
  await batch(backend, [7], () => statesOf(backend).value.update(77));
  world.nowMs = 120;
  for (const key of numbers(100, 110)) await batch(backend, [key], () => undefined);
  await batch(backend, [7], () => t.is(statesOf(backend).value.value(), 77));
  const restored = await world.open({ restore: [await world.snapshot(backend)] });
  await batch(restored, [7], () => t.is(statesOf(restored).value.value(), 77));
});
