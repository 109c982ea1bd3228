// Life and death of hosts in a world, as stories.

import test from 'ava';
import type { Environment } from '../engine/environment/environment.ts';
import type { FileSystem } from '../engine/environment/filesystem.ts';
import { address } from '../engine/environment/network.ts';
import type { DiskPort, HostIo } from './disk-port.ts';
import { macrotask } from './kernel/macrotask.ts';
import { World, type WorldOptions } from './world.ts';

const [jm, tm] = [address('jm'), address('tm-1')];
const SEED = '00000000000000b7';

function worldOf(options: Partial<WorldOptions> = {}): World {
  return new World({ seed: SEED, drain: macrotask, ...options });
}

async function runTo(world: World, deadlineMs: number): Promise<void> {
  await world.run({ until: () => false, deadlineMs });
}

test('a crash silences timers, promises and receiver; a restart boots anew', async (t) => {
  const world = worldOf();
  const seen: string[] = [];
  const boot = (environment: Environment, io: HostIo) => {
    const boots = world.bootCountOf(tm);
    environment.clock.schedule(100, () => seen.push(`timer of ${boots}`));
    environment.network.listen(() => seen.push(`message to ${boots}`));
    void io.perform('read', 100, () => 1).then(() => seen.push(`disk of ${boots}`));
  };
  world.addHost(tm, { boot });
  world.at(50, 'crash', () => world.crash(tm));
  world.at(60, 'look', () => seen.push(world.stateOf(tm)));
  world.at(70, 'restart', () => world.restart(tm));
  await runTo(world, 1_000);
  t.deepEqual(seen, ['down', 'timer of 2', 'disk of 2']);
});

test('code of a dead incarnation that is still called has no effect on the world', async (t) => {
  const world = worldOf();
  const seen: string[] = [];
  let zombie: Environment | undefined;
  let zombieIo: HostIo | undefined;
  world.addHost(jm, { boot: ({ network }) => network.listen(() => seen.push('message')) });
  world.addHost(tm, {
    boot: (environment, io) => {
      zombie ??= environment;
      zombieIo ??= io;
    },
  });
  world.at(10, 'crash', () => world.crash(tm));
  world.at(20, 'restart', () => world.restart(tm));
  world.at(30, 'haunt', () => {
    zombie?.network.send(jm, Uint8Array.of(1));
    zombie?.clock.schedule(1, () => seen.push('timer')).cancel();
    zombie?.clock.schedule(1, () => seen.push('timer'));
    void zombieIo?.perform('read', 1, () => seen.push('disk'));
  });
  await runTo(world, 100);
  t.deepEqual(seen, []);
  t.deepEqual(world.parked(), []);
});

test('a paused host wakes as a zombie: all that came due happens then, in order', async (t) => {
  const world = worldOf();
  const seen: string[] = [];
  world.addHost(tm, {
    boot: ({ clock, network }, io) => {
      clock.schedule(20, () => seen.push(`timer at ${world.nowMs}, own clock ${clock.now()}`));
      network.listen(() => seen.push(`message at ${world.nowMs}`));
      void io.perform('read', 30, () => 1).then(() => seen.push(`disk at ${world.nowMs}`));
    },
  });
  world.addHost(jm, {
    boot: ({ clock, network }) => {
      clock.schedule(40, () => network.send(tm, Uint8Array.of(1)));
    },
  });
  world.at(10, 'pause', () => world.pause(tm));
  world.at(99, 'look', () => seen.push(world.stateOf(tm)));
  world.at(100, 'wake', () => world.wake(tm));
  await runTo(world, 1_000);
  t.deepEqual(seen, ['paused', 'timer at 100, own clock 100', 'disk at 100', 'message at 100']);
});

test('a paused host that crashes forgets what was held', async (t) => {
  const world = worldOf();
  const seen: string[] = [];
  world.addHost(tm, {
    boot: ({ clock }) => {
      clock.schedule(20, () => seen.push(`timer at ${world.nowMs}`));
    },
  });
  world.at(10, 'pause', () => world.pause(tm));
  world.at(30, 'crash', () => world.crash(tm));
  world.at(40, 'restart', () => world.restart(tm));
  await runTo(world, 100);
  t.deepEqual(seen, ['timer at 60']);
});

test('each incarnation has its own dice, and the same ones in each run', async (t) => {
  const draws = async () => {
    const seen: number[] = [];
    const world = worldOf();
    world.addHost(tm, { boot: ({ random }) => seen.push(random.below(1_000_000)) });
    world.at(10, 'crash', () => world.crash(tm));
    world.at(10, 'restart', () => world.restart(tm));
    await runTo(world, 20);
    return seen;
  };
  const [first, second] = await draws();
  t.not(first, second);
  t.deepEqual(await draws(), [first, second]);
});

test('a disk is mounted for each incarnation and hears of each crash', async (t) => {
  const world = worldOf();
  const seen: string[] = [];
  const disk: DiskPort = {
    mount: (owner, io) => {
      seen.push(`mount ${owner}`);
      const read = (path: string) => io.perform(`read ${path}`, 3, () => Uint8Array.of(5));
      return { read } as unknown as FileSystem;
    },
    crash: (owner) => seen.push(`crash ${owner}`),
  };
  world.addHost(tm, {
    disk,
    boot: ({ filesystem }) => {
      void filesystem.read('/a').then((bytes) => seen.push(`read ${bytes[0]}`));
    },
  });
  world.at(10, 'crash', () => world.crash(tm));
  world.at(11, 'restart', () => world.restart(tm));
  await runTo(world, 12);
  t.deepEqual(seen, ['mount tm-1', 'read 5', 'crash tm-1', 'mount tm-1']);
});

test('a killed process leaves its disk alone', async (t) => {
  const world = worldOf();
  const seen: string[] = [];
  const disk: DiskPort = {
    mount: () => ({}) as FileSystem,
    crash: () => seen.push('crash'),
    kill: (owner) => seen.push(`kill ${owner}`),
  };
  world.addHost(tm, { disk, boot: () => seen.push('boot') });
  world.at(10, 'kill', () => world.kill(tm));
  world.at(11, 'restart', () => world.restart(tm));
  await runTo(world, 12);
  t.deepEqual(seen, ['boot', 'kill tm-1', 'boot']);
});

test('a host without a disk that uses files is a bug of the scenario', async (t) => {
  const world = worldOf();
  world.addHost(tm, { boot: ({ filesystem }) => void filesystem.list('/') });
  const outcome = await world.run({ until: () => false, deadlineMs: 10 });
  t.is(outcome.kind, 'host-threw');
  if (outcome.kind === 'host-threw') t.regex(String(outcome.failure.error), /"tm-1".*no disk/);
});

test('an error of a host may mean its crash instead of the end of the run', async (t) => {
  let boots = 0;
  const world: World = worldOf({
    onHostError: ({ host }) => {
      world.crash(address(host));
      world.at(world.nowMs + 5, 'supervisor', () => world.restart(address(host)));
      return 'continue';
    },
  });
  world.addHost(tm, {
    boot: ({ clock }) => {
      boots += 1;
      clock.schedule(10, () => {
        throw new Error('dies again and again');
      });
    },
  });
  t.like(await world.run({ until: () => boots === 4, deadlineMs: 100 }), {
    kind: 'reached',
    timeMs: 45,
  });
});

test('onMark() fires at the announced point and not before', async (t) => {
  const world = worldOf();
  const seen: number[] = [];
  world.onMark('checkpoint-completed', 2, () => seen.push(world.nowMs));
  for (const atMs of [10, 20, 30]) {
    world.at(atMs, 'complete', () => world.mark('checkpoint-completed'));
  }
  world.at(5, 'other', () => world.mark('task-failed'));
  await runTo(world, 100);
  t.deepEqual(seen, [20]);
});

test('impossible orders are refused', (t) => {
  const world = worldOf();
  world.addHost(tm, { boot: () => undefined });
  const violation = { name: 'InvariantViolation' };
  t.throws(() => world.addHost(tm, { boot: () => undefined }), violation);
  t.throws(() => world.restart(tm), violation);
  t.throws(() => world.wake(tm), violation);
  t.throws(() => world.crash(jm), violation);
  t.throws(() => worldOf({ seed: '12' }), violation);
  world.crash(tm);
  t.throws(() => world.crash(tm), violation);
  t.throws(() => world.pause(tm), violation);
});

test('a recording tells who did what because of what', async (t) => {
  const world = worldOf({ record: 'full', describe: (bytes) => `ping ${bytes[0]}` });
  world.addHost(jm, { boot: ({ network }) => network.send(tm, Uint8Array.of(3)) });
  world.addHost(tm, { boot: ({ network }) => network.listen(() => undefined) });
  world.at(50, 'crash it', () => world.crash(tm), 'fault');
  await runTo(world, 100);
  const [booted, , message, fault, note] = world.entries();
  t.like(booted, { step: 1, host: 'jm', kind: 'boot', cause: 0 });
  t.like(message, { kind: 'message', text: 'ping 3', from: 'jm', to: 'tm-1', cause: 1 });
  t.like(fault, { step: 4, timeMs: 50, host: 'world', kind: 'fault', text: 'crash it' });
  t.like(note, { step: 4, host: 'world', kind: 'note', text: 'crash tm-1' });
});
