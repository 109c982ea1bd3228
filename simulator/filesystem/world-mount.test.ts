// A disk mounted on a host of a world: the contract holds when every call is an event of the
// kernel, and the disk outlives the host.

import test from 'ava';

import type { FileSystem } from '../../engine/environment/filesystem.ts';
import { fileSystemContract } from '../../engine/environment/filesystem.contract.ts';
import { address } from '../../engine/environment/network.ts';
import { macrotask } from '../kernel/macrotask.ts';
import { World } from '../world.ts';
import { SimulatedDisk } from './simulated-disk.ts';

const HOST = address('tm-1');

fileSystemContract('SimulatedDisk in a world', async () => {
  const { world, mounts } = await bootedWorld();
  return pumped(world, last(mounts));
});

test('a disk outlives its host: what was synced is there after the restart', async (t) => {
  const { world, mounts } = await bootedWorld();
  const files = pumped(world, last(mounts));
  await files.write('/a', Uint8Array.of(1));
  await files.sync('/a');
  await files.sync('/');
  let isSettled = false;
  void last(mounts)
    .write('/b', Uint8Array.of(2))
    .finally(() => (isSettled = true));
  world.crash(HOST);
  world.restart(HOST);
  await runUntil(world, () => mounts.length === 2);
  const rebooted = pumped(world, last(mounts));
  t.deepEqual(await rebooted.read('/a'), Uint8Array.of(1));
  t.false(isSettled, 'the promises of a dead host never settle');
});

async function bootedWorld(): Promise<{ world: World; mounts: FileSystem[] }> {
  const world = new World({ seed: '00000000000000aa', drain: macrotask });
  const mounts: FileSystem[] = [];
  const disk = new SimulatedDisk({ random: world.random.fork('disk') });
  world.addHost(HOST, { boot: ({ filesystem }) => void mounts.push(filesystem), disk });
  await runUntil(world, () => mounts.length === 1);
  return { world, mounts };
}

function last(mounts: readonly FileSystem[]): FileSystem {
  const mount = mounts.at(-1);
  if (mount === undefined) throw new Error('Cannot use files: the host never booted');
  return mount;
}

async function runUntil(world: World, isDone: () => boolean): Promise<void> {
  const outcome = await world.run({ until: isDone, deadlineMs: world.nowMs + 60_000 });
  if (outcome.kind !== 'reached') throw new Error(`Cannot wait any longer: ${outcome.kind}`);
}

/** Lets the world run whenever a call is under way: the test stands outside of it. */
function pumped(world: World, files: FileSystem): FileSystem {
  let pendingCount = 0;
  let running: Promise<void> | undefined;
  const pump = async <T>(call: Promise<T>): Promise<T> => {
    pendingCount += 1;
    const settled = call.finally(() => (pendingCount -= 1));
    running ??= runUntil(world, () => pendingCount === 0).finally(() => (running = undefined));
    await Promise.allSettled([settled, running]);
    return settled;
  };
  return {
    read: (...call) => pump(files.read(...call)),
    write: (...call) => pump(files.write(...call)),
    create: (...call) => pump(files.create(...call)),
    append: (...call) => pump(files.append(...call)),
    truncate: (...call) => pump(files.truncate(...call)),
    sync: (...call) => pump(files.sync(...call)),
    rename: (...call) => pump(files.rename(...call)),
    link: (...call) => pump(files.link(...call)),
    remove: (...call) => pump(files.remove(...call)),
    makeDirectory: (...call) => pump(files.makeDirectory(...call)),
    list: (...call) => pump(files.list(...call)),
    status: (...call) => pump(files.status(...call)),
  };
}
