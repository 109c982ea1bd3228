// Who becomes the leader, what the one before can still do, and what is handed on, on a disk that
// keeps only what was synced.

import test from 'ava';

import { CrashableFileSystem } from '../../checkpoint/testing/crashable-file-system.ts';
import { checkpointId } from '../../core/ids.ts';
import type { FileSystem } from '../../environment/filesystem.ts';
import { JobStore } from '../job/job-store.ts';
import { claimLeadership } from './claim-leadership.ts';
import { LeaderDirectory } from './leader-directory.ts';
import { leaderNames } from './leader-names.ts';

const DIRECTORY = '/store/job';

/** As a contender does that has just looked. */
async function claim(filesystem: FileSystem, token: string): Promise<LeaderDirectory | undefined> {
  await filesystem.makeDirectory(DIRECTORY);
  const after = leaderNames(await filesystem.list(DIRECTORY))[0]?.epoch ?? 0;
  return claimLeadership({ filesystem, directory: DIRECTORY, token, after });
}

async function lead(filesystem: FileSystem, token: string): Promise<JobStore> {
  const leader = await claim(filesystem, token);
  if (leader === undefined) throw new Error(`Cannot lead as "${token}": another one does`);
  return new JobStore(filesystem, DIRECTORY, leader);
}

test('of two that have seen the same leader one becomes the next', async (t) => {
  const filesystem = new CrashableFileSystem();
  for (const after of [0, 1]) {
    const options = { filesystem, directory: DIRECTORY, after };
    const claims = ['a', 'b'].map((token) =>
      claimLeadership({ ...options, token: `${token}${after}` }),
    );
    const epochs = (await Promise.all(claims)).map((leader) => leader?.epoch);
    t.deepEqual(
      epochs.filter((epoch) => epoch !== undefined),
      [after + 1],
    );
  }
});

test('one that claims later than another has looked wins over it', async (t) => {
  const filesystem = new CrashableFileSystem();
  const slow = pausing(filesystem, 'makeDirectory', /leader-1-slow/);
  const claiming = claim(slow.filesystem, 'slow');
  await slow.reached;
  const fast = await claim(filesystem, 'fast');
  t.is(fast?.epoch, 2);
  slow.wake();
  t.is(await claiming, undefined);
});

test('nothing that a replaced leader writes has any effect', async (t) => {
  const filesystem = new CrashableFileSystem();
  const first = await lead(filesystem, 'first');
  await first.reserveCheckpointId(checkpointId(4));
  await first.recordCompleted(checkpointId(3));
  const second = await lead(filesystem, 'second');
  t.is(await second.nextLeaderEpoch(), 2);
  const writes = [
    () => first.reserveCheckpointId(checkpointId(9)),
    () => first.recordCompleted(checkpointId(4)),
    () => first.storeResult({ state: 'failed', cause: 'old' }),
    () => first.whileLeading(() => Promise.resolve()),
  ];
  for (const write of writes) await t.throwsAsync(write(), { code: 'OP-E607' });
  const third = await lead(filesystem, 'third');
  t.is(await third.checkpointIdFloor(), 4);
  t.is(await third.completedCheckpoint(), 3);
  t.is(await third.result(), undefined);
});

test('a write that a takeover finds half done is found by all or by nobody', async (t) => {
  for (const [call, path] of [
    ['sync', /completed-checkpoint/],
    ['rename', /completed-checkpoint/],
    ['sync', /leader-1-first$/],
  ] as const) {
    const filesystem = new CrashableFileSystem();
    const leader = await claim(filesystem, 'first');
    const slow = pausing(filesystem, call, path);
    t.is(leader?.epoch, 1);
    const zombie = new LeaderDirectory({
      filesystem: slow.filesystem,
      path: `${DIRECTORY}/leader-1-first`,
      epoch: 1,
      values: new Map(),
    });
    const recording = zombie.replace('completed-checkpoint', '2').then(
      () => true,
      () => false,
    );
    await slow.reached;
    const found = await (await lead(filesystem, 'next')).completedCheckpoint();
    slow.wake();
    t.false(await recording, `after a pause at ${call}`);
    filesystem.crash();
    t.is(await (await lead(filesystem, 'last')).completedCheckpoint(), found);
  }
});

test('a loss of power at any moment of a takeover loses nothing that was recorded', async (t) => {
  for (let calls = 0; calls < 60; calls++) {
    const filesystem = new CrashableFileSystem();
    const first = await lead(filesystem, 'first');
    await first.reserveCheckpointId(checkpointId(7));
    await first.recordCompleted(checkpointId(6));
    await first.disown(7, 7);
    void claim(stoppingAfter(filesystem, calls), 'second').catch(() => undefined);
    for (let turn = 0; turn < 400; turn++) await Promise.resolve();
    filesystem.crash();
    const next = await lead(filesystem, 'third');
    t.true((await next.nextLeaderEpoch()) > 1);
    t.is(await next.checkpointIdFloor(), 7, `after ${calls} calls`);
    t.is(await next.completedCheckpoint(), 6);
    const isRecorded = await next.isRecorded();
    t.deepEqual(
      [6, 7].map((id) => isRecorded(checkpointId(id))),
      [true, false],
    );
  }
});

test('a job that one JobManager has led alone is taken over as it is, and for good', async (t) => {
  const filesystem = new CrashableFileSystem();
  const alone = new JobStore(filesystem, DIRECTORY);
  await alone.nextLeaderEpoch();
  t.is(await alone.nextLeaderEpoch(), 2);
  await alone.reserveCheckpointId(checkpointId(5));
  await alone.recordCompleted(checkpointId(5));
  const leader = await lead(filesystem, 'first');
  filesystem.crash();
  t.is(await leader.nextLeaderEpoch(), 3);
  t.is(await leader.completedCheckpoint(), 5);
  await t.throwsAsync(new JobStore(filesystem, DIRECTORY).nextLeaderEpoch(), { code: 'OP-E531' });
});

test('what leaders before the last one have left is removed', async (t) => {
  const filesystem = new CrashableFileSystem();
  for (const token of ['a', 'b', 'c']) await lead(filesystem, token);
  const names = await filesystem.list(DIRECTORY);
  t.deepEqual(names, ['epoch-3', 'leader-3-c', 'leader-epoch']);
});

interface Pausing {
  readonly filesystem: FileSystem;
  readonly reached: Promise<void>;
  wake(): void;
}

/** The first such call has no effect before wake(), as if its process stood still. */
function pausing(filesystem: FileSystem, operation: keyof FileSystem, path: RegExp): Pausing {
  let wake = (): void => {};
  let reach = (): void => {};
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const awake = new Promise<void>((resolve) => (wake = resolve));
  let isDue = true;
  const paused = new Proxy(filesystem, {
    get(target, name: keyof FileSystem) {
      const call = target[name].bind(target) as (...args: unknown[]) => Promise<unknown>;
      return async (...args: unknown[]) => {
        if (isDue && name === operation && path.test(String(args[0]))) {
          isDue = false;
          reach();
          await awake;
        }
        return call(...args);
      };
    },
  });
  return { filesystem: paused, reached, wake: () => wake() };
}

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
