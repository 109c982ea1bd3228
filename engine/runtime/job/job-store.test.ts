// What a JobManager remembers across crashes, on a disk that keeps only what was synced.

import test from 'ava';

import { CrashableFileSystem } from '../../checkpoint/testing/crashable-file-system.ts';
import { checkpointId } from '../../core/ids.ts';
import type { FileSystem } from '../../environment/filesystem.ts';
import { JobStore } from './job-store.ts';

const DIRECTORY = '/store/job';

function open(filesystem: FileSystem): JobStore {
  return new JobStore(filesystem, DIRECTORY);
}

test('each leader gets a greater epoch than all before it, whatever was lost', async (t) => {
  const filesystem = new CrashableFileSystem();
  for (let epoch = 1; epoch <= 5; epoch++) {
    t.is(await open(filesystem).nextLeaderEpoch(), epoch);
    filesystem.crash();
  }
});

test('what a call has promised survives a crash, and what failed is undone or done', async (t) => {
  const calls = ['write', 'sync', 'rename'] as const;
  for (const call of calls) {
    const filesystem = new CrashableFileSystem();
    const store = open(filesystem);
    await store.nextLeaderEpoch();
    await store.reserveCheckpointId(checkpointId(7));
    for (const path of [/checkpoint-id/, /job$/]) {
      filesystem.failNext(call, path);
      await store.reserveCheckpointId(checkpointId(8)).catch(() => undefined);
      filesystem.crash();
      const floor = await open(filesystem).checkpointIdFloor();
      t.true(floor === 7 || floor === 8, `${floor} after a failed ${call}`);
    }
  }
});

test('a crash between any two calls leaves the old value or the new one', async (t) => {
  for (let calls = 0; calls < 8; calls++) {
    const filesystem = new CrashableFileSystem();
    const store = open(filesystem);
    await store.nextLeaderEpoch();
    await store.storeResult({ state: 'failed', cause: 'old' });
    void open(stoppingAfter(filesystem, calls)).storeResult({
      state: 'finished',
      cause: undefined,
    });
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    filesystem.crash();
    const state = (await open(filesystem).result())?.state;
    t.true(state === 'failed' || state === 'finished', `${state} after ${calls} calls`);
  }
});

test('ids reserved at the same time are all below the floor of the next leader', async (t) => {
  for (const order of [
    [5, 6, 7],
    [7, 5, 6],
  ]) {
    const filesystem = new CrashableFileSystem();
    const store = open(filesystem);
    await store.nextLeaderEpoch();
    await Promise.all(order.map((id) => store.reserveCheckpointId(checkpointId(id))));
    filesystem.crash();
    t.is(await open(filesystem).checkpointIdFloor(), 7);
  }
});

test('a failed write does not keep the next one from happening', async (t) => {
  const filesystem = new CrashableFileSystem();
  const store = open(filesystem);
  await store.nextLeaderEpoch();
  filesystem.failNext('sync', /checkpoint-id/);
  await t.throwsAsync(store.reserveCheckpointId(checkpointId(1)), { message: /EIO/ });
  await store.reserveCheckpointId(checkpointId(2));
  t.is(await open(filesystem).checkpointIdFloor(), 2);
});

test('a result comes back as it was, in any language, and however long', async (t) => {
  const filesystem = new CrashableFileSystem();
  const store = open(filesystem);
  await store.nextLeaderEpoch();
  t.is(await store.result(), undefined);
  const cause = `Fehler: größer als 3 € – 数が大きい ${'x'.repeat(300_000)}`;
  await store.storeResult({ state: 'failed', cause });
  t.deepEqual(await open(filesystem).result(), { state: 'failed', cause });
  await store.clearResult();
  filesystem.crash();
  t.is(await open(filesystem).result(), undefined);
});

test('a damaged file is refused by name instead of being taken for a number', async (t) => {
  for (const content of ['', 'x7', '-1', '\u00ff']) {
    const filesystem = new CrashableFileSystem();
    await open(filesystem).nextLeaderEpoch();
    const bytes = Uint8Array.from(content, (character) => character.charCodeAt(0));
    filesystem.damage(`${DIRECTORY}/leader-epoch`, () => bytes);
    await t.throwsAsync(open(filesystem).nextLeaderEpoch(), { code: 'OP-E530' });
  }
  const filesystem = new CrashableFileSystem();
  const store = open(filesystem);
  await store.nextLeaderEpoch();
  await store.storeResult({ state: 'finished', cause: undefined });
  filesystem.damage(`${DIRECTORY}/job-result`, (bytes) => bytes.slice(3));
  await t.throwsAsync(open(filesystem).result(), { code: 'OP-E530' });
});

test('without a directory everything is kept in memory', async (t) => {
  const store = new JobStore(new CrashableFileSystem(), undefined);
  t.is(await store.nextLeaderEpoch(), 1);
  t.is(await store.nextLeaderEpoch(), 2);
  await store.storeResult({ state: 'canceled', cause: undefined });
  t.is((await store.result())?.state, 'canceled');
  await store.clearResult();
  t.is(await store.result(), undefined);
});

/** After so many calls nothing ever returns again, as if the host had died. */
function stoppingAfter(filesystem: FileSystem, calls: number): FileSystem {
  let left = calls;
  const never = new Promise<never>(() => {});
  return new Proxy(filesystem, {
    get(target, name: keyof FileSystem) {
      const call = target[name].bind(target) as (...args: unknown[]) => Promise<unknown>;
      return (...args: unknown[]) => (left-- > 0 ? call(...args) : never);
    },
  });
}
