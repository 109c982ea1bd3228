// The heap backend passes the contract of all keyed state backends, and keeps its own promises.

import test from 'ava';

import { OnceproofError } from '../core/errors.ts';
import {
  HashMapStateBackend,
  FsStateBackend,
  MemoryStateBackend,
} from './hash-map-state-backend.ts';
import { keyedStateBackendContract } from './state-backend.contract.ts';
import { readMemoryHandle } from './testing/memory-streams.ts';
import { StateWorld, VOID } from './testing/state-world.ts';

const backend = new HashMapStateBackend('heap');
const create: typeof backend.createKeyedStateBackend = (options) =>
  backend.createKeyedStateBackend(options);

keyedStateBackendContract('heap', create);

async function snapshotOfOneCount() {
  const world = new StateWorld(create);
  const keyed = await world.open();
  keyed.setCurrentKey('k');
  keyed.valueState({ kind: 'value', name: 'v' }, VOID).update(1);
  const [handle] = await world.snapshot(keyed);
  if (handle?.kind !== 'key-groups' || handle.state.kind !== 'inline') {
    throw new Error('no snapshot in memory');
  }
  return { world, handle, bytes: handle.state.bytes };
}

test('memory and fs name the same backend', (t) => {
  t.deepEqual([new MemoryStateBackend().name, new FsStateBackend().name], ['memory', 'fs']);
});

test('another format version is OP-E504, naming both versions', async (t) => {
  const { world, handle, bytes } = await snapshotOfOneCount();
  bytes[4] = 9;
  const state = { ...handle.state, checksum: 0 };
  const restore = [{ ...handle, state }];
  const open = create({
    operatorName: 'counter',
    maxParallelism: world.maxParallelism,
    range: handle.range,
    now: () => 0,
    restore,
    read: async () => bytes,
  });
  const error = await t.throwsAsync(open, { instanceOf: OnceproofError });
  t.is(error?.code, 'OP-E504');
  t.regex(error?.message ?? '', /format 9: this version of onceproof reads format 1/);
});

test('a snapshot cut at any byte, or with bytes behind its end, is OP-E402', async (t) => {
  const { world, handle, bytes } = await snapshotOfOneCount();
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  const damaged = Array.from({ length: bytes.length }, (_, size) => bytes.subarray(0, size));
  for (const piece of [...damaged, longer]) {
    const open = create({
      operatorName: 'counter',
      maxParallelism: world.maxParallelism,
      range: handle.range,
      now: () => 0,
      restore: [handle],
      read: async () => piece,
    });
    await t.throwsAsync(open, { code: 'OP-E402' });
  }
});

test('a snapshot of another backend is OP-E408, a flipped bit OP-E503', async (t) => {
  const { world, handle, bytes } = await snapshotOfOneCount();
  const foreign = { ...handle, format: 'rocksdb' };
  await t.throwsAsync(world.open({ restore: [foreign] }), { code: 'OP-E408' });
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  await t.throwsAsync(readMemoryHandle(handle.state), { code: 'OP-E503' });
});

test('expired entries go away by access to others, five at a time', async (t) => {
  const world = new StateWorld(create);
  const keyed = await world.open();
  const ttl = { ttlMs: 100 };
  const state = keyed.valueState<'void', number>({ kind: 'value', name: 'v', ttl }, VOID);
  for (let key = 0; key < 30; key++) {
    keyed.setCurrentKey(key);
    state.update(key);
  }
  world.nowMs = 100;
  keyed.setCurrentKey('other');
  for (let left = 25; left >= 0; left -= 5) {
    state.value();
    t.is([...keyed.keys('v', 'void')].length, left);
  }
});

test('a key of another subtask is a broken invariant as soon as it is written', async (t) => {
  const world = new StateWorld(create);
  const [first] = await world.openAll({ parallelism: 2 });
  const state = first?.valueState<'void', number>({ kind: 'value', name: 'v' }, VOID);
  const write = () => {
    for (let key = 0; key < 10; key++) {
      first?.setCurrentKey(key);
      state?.update(1);
    }
  };
  t.throws(write, { name: 'InvariantViolation', message: /belongs to another subtask/ });
});
