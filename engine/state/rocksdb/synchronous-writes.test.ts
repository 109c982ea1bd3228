// A store that is written on the thread of the records: how much may gather, and how it is written.

import test from 'ava';

import { longSerializer } from '../../stream/serializers/primitive-serializers.ts';
import type { KeyedStateBackend } from '../state-backend.ts';
import { RocksDBWorld } from '../testing/rocksdb-world.ts';
import { VOID } from '../testing/state-world.ts';

const MOST_IN_ONE_CALL = 1_024;
const MOST_THAT_GATHERS = 4_097;

const counts = (backend: KeyedStateBackend) =>
  backend.valueState<'void', number>(
    { kind: 'value', name: 'count', serializer: longSerializer },
    VOID,
  );

async function opened(): Promise<{ world: RocksDBWorld; backend: KeyedStateBackend }> {
  const world = new RocksDBWorld({ incremental: true }, true);
  return { world, backend: await world.open() };
}

function writeKeys(backend: KeyedStateBackend, count: number): void {
  const state = counts(backend);
  for (let key = 0; key < count; key++) {
    backend.setCurrentKey(key);
    state.update(key);
  }
}

function expectKeys(backend: KeyedStateBackend, count: number): number {
  const state = counts(backend);
  let found = 0;
  for (let key = 0; key < count; key++) {
    backend.setCurrentKey(key);
    if (state.value() === key) found += 1;
  }
  return found;
}

test('a snapshot finds little that is still to be written', async (t) => {
  const { world, backend } = await opened();
  for (const count of [5_000, 10_000, 20_000]) {
    writeKeys(backend, count);
    const before = world.stores.counts.writtenEntries;
    await world.snapshot(backend);
    t.true(world.stores.counts.writtenEntries - before <= MOST_THAT_GATHERS, `${count} keys`);
  }
});

test('no call writes more than a batch, and nothing is left out between them', async (t) => {
  for (const count of [1, 1_023, 1_024, 1_025, 4_000]) {
    const { world, backend } = await opened();
    writeKeys(backend, count);
    t.is(world.stores.counts.write, 0, 'all of it has room in memory');
    const handle = await world.snapshot(backend);
    t.is(world.stores.counts.writtenEntries, count);
    t.is(world.stores.counts.write, Math.ceil(count / MOST_IN_ONE_CALL));
    t.is(expectKeys(await world.open({ restore: [handle] }), count), count);
  }
});

test('what a savepoint brings is written key group by key group', async (t) => {
  const { world, backend } = await opened();
  writeKeys(backend, 4_000);
  const savepoint = await world.snapshot(backend, world.savepoints);
  const restored = await world.open({ restore: [savepoint] });
  const before = { ...world.stores.counts };
  counts(restored);
  t.is(world.stores.counts.writtenEntries - before.writtenEntries, 4_000);
  t.is(world.stores.counts.write - before.write, world.maxParallelism);
  t.is(expectKeys(restored, 4_000), 4_000);
});
