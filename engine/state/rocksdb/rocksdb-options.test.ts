// What a user may choose, and what is said to who chooses otherwise.

import test from 'ava';

import { OnceproofError } from '../../core/errors.ts';
import { batch, RocksDBWorld } from '../testing/rocksdb-world.ts';
import { VOID } from '../testing/state-world.ts';
import type { RocksDBOptions } from './rocksdb-options.ts';
import { EmbeddedRocksDBStateBackend, RocksDBStateBackend } from './rocksdb-state-backend.ts';

test("an impossible option is OP-E302, naming Flink's option", (t) => {
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [{ incremental: 'yes' }, /state\.backend\.incremental to "yes"/],
    [{ writeBufferBytes: 0 }, /writebuffer\.size to 0/],
    [{ blockCacheBytes: 1.5 }, /block\.cache-size to 1\.5/],
    [{ cacheBytes: -1 }, /cache-bytes to -1/],
    [{ compression: 'gzip' }, /compression to "gzip"/],
    [{ timerService: 'disk' }, /timer-service\.factory to "disk"/],
    [{ timerService: 'rocksdb', timerCacheSize: 1 }, /timer-service\.cache-size to 1/],
    [{ localDirectories: [] }, /localdir/],
    [{ localDirectories: ['tmp'] }, /localdir to "tmp"/],
    [{ localDirectories: ['/tmp/'] }, /localdir to "\/tmp\/"/],
  ];
  for (const [options, message] of cases) {
    const error = t.throws(() => new RocksDBStateBackend(options as RocksDBOptions), {
      instanceOf: OnceproofError,
      code: 'OP-E302',
    });
    t.regex(error?.message ?? '', message);
    t.truthy(error?.remedy);
  }
});

test('options reach the store, for writing and for reading', async (t) => {
  const world = new RocksDBWorld({
    driver: 'a-driver',
    writeBufferBytes: 4096,
    blockCacheBytes: 8192,
    compression: 'zstd',
  });
  const backend = await world.open();
  await batch(backend, ['k'], () => {
    backend.valueState<'void', number>({ kind: 'value', name: 'v' }, VOID).update(1);
  });
  await world.snapshot(backend, world.savepoints);
  const chosen = {
    driver: 'a-driver',
    writeBufferBytes: 4096,
    blockCacheBytes: 8192,
    compression: 'zstd',
  };
  t.like(world.stores.opened, [
    { ...chosen, readOnly: false },
    { ...chosen, readOnly: true },
  ]);
});

test('subtasks are spread over local directories, and clean up behind themselves', async (t) => {
  const world = new RocksDBWorld({ localDirectories: ['/disk-a', '/disk-b'] });
  const backends = [];
  for (let index = 0; index < 8; index++) backends.push(await world.open());
  const disks = world.stores.opened.map(({ directory }) => directory.split('/')[1]);
  t.deepEqual(new Set(disks), new Set(['disk-a', 'disk-b']));
  for (const backend of backends) await backend.dispose();
  t.deepEqual(world.filesystem.paths(), []);
});

test('a host without a local disk is OP-E412', async (t) => {
  const open = new RocksDBStateBackend().createKeyedStateBackend({
    operatorName: 'counter',
    maxParallelism: 16,
    range: { first: 0, last: 15 },
    now: () => 0,
    restore: [],
    read: async () => new Uint8Array(0),
  });
  await t.throwsAsync(open, { code: 'OP-E412' });
});

test("Flink's names, and Flink's default of full checkpoints", async (t) => {
  t.is(EmbeddedRocksDBStateBackend, RocksDBStateBackend);
  t.is(new RocksDBStateBackend().name, 'rocksdb');
  const world = new RocksDBWorld({});
  const backend = await world.open();
  await batch(backend, ['k'], () => {
    backend.valueState<'void', number>({ kind: 'value', name: 'v' }, VOID).update(1);
  });
  t.is((await world.snapshot(backend)).kind, 'key-groups');
});
