// What staged faults do to a world, that they heal, and that they are counted when they really hit.

import test from 'ava';
import { address } from '../../engine/environment/network.ts';
import { macrotask } from '../kernel/macrotask.ts';
import { World } from '../world.ts';
import { applyPlan, type FaultHandlers } from './apply-plan.ts';
import type { Fault } from './fault.ts';

const [jm, tm] = [address('jm'), address('tm-1')];

interface Stage {
  readonly world: World;
  /** One line for each boot and each state of `tm-1` that was looked at. */
  readonly seen: string[];
}

/** `jm` sends a message to `tm-1` every 10 ms. */
function stageOf(): Stage {
  const world = new World({ seed: '00000000000000d9', drain: macrotask });
  const seen: string[] = [];
  world.network.setLatencies(jm, tm, [1]);
  world.addHost(tm, {
    boot: ({ network }) => {
      seen.push(`boot at ${world.nowMs}`);
      network.listen((_, bytes) => seen.push(`message ${bytes[0]} at ${world.nowMs}`));
    },
  });
  world.addHost(jm, {
    boot: ({ clock, network }) => {
      let count = 0;
      const tick = () => {
        count += 1;
        network.send(tm, Uint8Array.of(count));
        clock.schedule(10, tick);
      };
      clock.schedule(10, tick);
    },
  });
  return { world, seen };
}

async function play(
  faults: readonly Fault[],
  options: { readonly healAtMs?: number; readonly handlers?: FaultHandlers } = {},
) {
  const { world, seen } = stageOf();
  const plan = { healAtMs: options.healAtMs ?? 60, faults };
  const { counts, isHealed } = applyPlan(world, plan, options.handlers);
  await world.run({ until: () => false, deadlineMs: 85 });
  return { world, seen, counts, isHealed: isHealed() };
}

test('a crash takes the host down for as long as it says', async (t) => {
  const { seen, counts } = await play([{ kind: 'crash', host: tm, atMs: 15, downMs: 20 }]);
  t.deepEqual(seen.slice(0, 4), ['boot at 0', 'message 1 at 11', 'boot at 35', 'message 4 at 41']);
  t.is(counts.injectedOf('crash'), 1);
});

test('everything is healed at the end of the safety phase', async (t) => {
  const { seen, world, isHealed } = await play([
    { kind: 'crash', host: tm, atMs: 15, downMs: 9_999 },
    { kind: 'partition', from: jm, to: tm, atMs: 5, healMs: 9_999, twoWay: true },
    { kind: 'loss', fromMs: 5, toMs: 9_999, oneIn: 1 },
    { kind: 'pause', host: jm, atMs: 40, forMs: 9_999 },
  ]);
  t.deepEqual(seen, [
    'boot at 0',
    'boot at 60',
    'message 4 at 61',
    'message 5 at 71',
    'message 6 at 81',
  ]);
  t.true(isHealed);
  t.is(world.stateOf(tm), 'up');
});

test('a fault that finds its host down already is planned but not injected', async (t) => {
  const { counts } = await play([
    { kind: 'crash', host: tm, atMs: 15, downMs: 30 },
    { kind: 'crash', host: tm, atMs: 20, downMs: 5 },
    { kind: 'pause', host: tm, atMs: 21, forMs: 5 },
  ]);
  t.deepEqual(counts.byFault(), [1, 0, 0]);
  const crash = counts.rows().find(({ kind }) => kind === 'crash');
  t.deepEqual(crash, { kind: 'crash', planned: 2, injected: 1 });
});

test('crashes may follow each other while the host recovers', async (t) => {
  const { seen } = await play([
    { kind: 'crash', host: tm, atMs: 15, downMs: 5 },
    { kind: 'crash', host: tm, atMs: 21, downMs: 0 },
  ]);
  t.deepEqual(seen.slice(2), ['boot at 20', 'boot at 21', ...seen.slice(4)]);
});

test('a pause delays, a partition loses, each for as long as it says', async (t) => {
  const { seen } = await play([
    { kind: 'pause', host: tm, atMs: 15, forMs: 10 },
    { kind: 'partition', from: jm, to: tm, atMs: 35, healMs: 10, twoWay: false },
  ]);
  t.deepEqual(seen.slice(1, 5), [
    'message 1 at 11',
    'message 2 at 25',
    'message 3 at 31',
    'message 5 at 51',
  ]);
});

test('loss, duplication, reordering and latency act in their windows only', async (t) => {
  const window = { fromMs: 15, toMs: 35 };
  const loss = await play([{ kind: 'loss', ...window, oneIn: 1 }]);
  t.deepEqual(loss.seen.slice(1, 3), ['message 1 at 11', 'message 4 at 41']);
  t.is(loss.counts.injectedOf('loss'), 2);
  const twice = await play([{ kind: 'duplicate', ...window, oneIn: 1, maxMs: 0 }]);
  t.is(twice.seen.filter((line) => line.startsWith('message 2')).length, 2);
  const late = await play([{ kind: 'reorder', ...window, oneIn: 1, maxMs: 1 }]);
  t.is(late.seen[2], 'message 2 at 22');
  const slow = await play([{ kind: 'latency', ...window, host: tm, addMs: 40 }]);
  t.is(slow.seen[2], 'message 2 at 61');
  t.is(slow.counts.injectedOf('latency'), 2);
  const clog = await play([{ kind: 'clog', from: jm, to: tm, fromMs: 15, toMs: 35 }]);
  t.deepEqual(clog.seen.slice(1, 5), [
    'message 1 at 11',
    'message 2 at 36',
    'message 3 at 36',
    'message 4 at 41',
  ]);
});

test('clocks are stepped and drift, and run right again after the window', async (t) => {
  const { world } = stageOf();
  const seen: number[] = [];
  const clocked = address('tm-2');
  world.addHost(clocked, {
    boot: ({ clock }) => {
      const start = clock.wallTime();
      world.at(80, 'look', () => seen.push(clock.now(), clock.wallTime() - start));
    },
  });
  const { counts } = applyPlan(world, {
    healAtMs: 60,
    faults: [
      { kind: 'clock-step', host: clocked, atMs: 10, byMs: -500 },
      { kind: 'clock-drift', host: clocked, fromMs: 20, toMs: 40, ppm: 200_000 },
    ],
  });
  await world.run({ until: () => false, deadlineMs: 100 });
  t.deepEqual(seen, [84, -416]);
  t.deepEqual(counts.byFault(), [1, 1]);
});

test('disk and corruption faults go through the handlers and are undone', async (t) => {
  const seen: string[] = [];
  const handlers: FaultHandlers = {
    disk: (fault, injected) => {
      const { kind } = fault;
      seen.push(`${kind} ${'pathPrefix' in fault ? fault.pathPrefix : ''}`);
      injected();
      injected();
      return () => seen.push(`${kind} ended`);
    },
    corrupt: ({ corruption }, injected) => {
      injected();
      seen.push(corruption);
      return () => seen.push('corruption ended');
    },
  };
  const disk = { host: tm, pathPrefix: '/checkpoints', oneIn: 1 };
  const { counts } = await play(
    [
      { kind: 'no-space', ...disk, fromMs: 10, toMs: 20 },
      { kind: 'io-error', ...disk, fromMs: 30, toMs: 9_999 },
      {
        kind: 'corrupt-checkpoint',
        afterCheckpoint: 1,
        artefact: 'newest',
        corruption: 'truncate',
      },
    ],
    { handlers },
  );
  t.deepEqual(seen, [
    'truncate',
    'no-space /checkpoints',
    'no-space ended',
    'io-error /checkpoints',
    'corruption ended',
    'io-error ended',
  ]);
  t.deepEqual(counts.byFault(), [2, 2, 1]);
});

test('a fault tied to a mark fires when it is reached, never after healing', async (t) => {
  const { world, seen } = stageOf();
  const after = { mark: 'checkpoint-completed', nth: 2 };
  const { counts } = applyPlan(world, {
    healAtMs: 60,
    faults: [
      { kind: 'crash', host: tm, atMs: 3, downMs: 4, after },
      { kind: 'crash', host: tm, atMs: 0, downMs: 4, after: { ...after, nth: 3 } },
    ],
  });
  for (const atMs of [5, 12, 70]) world.at(atMs, 'mark', () => world.mark(after.mark));
  await world.run({ until: () => false, deadlineMs: 85 });
  t.deepEqual(
    seen.filter((line) => line.startsWith('boot')),
    ['boot at 0', 'boot at 19'],
  );
  t.deepEqual(counts.byFault(), [1, 0]);
});

test('an operation is handed on at its moment, and withdrawn once all is healed', async (t) => {
  const happened: string[] = [];
  const { world } = stageOf();
  const atMs = (): number => world.nowMs;
  const { counts } = applyPlan(
    world,
    {
      healAtMs: 60,
      faults: [
        { kind: 'savepoint', atMs: 10 },
        { kind: 'rescale', atMs: 5, parallelism: 3, via: 'savepoint', after: MARK },
        { kind: 'cancel', atMs: 70 },
      ],
    },
    {
      operate: (fault, injected) => {
        happened.push(`${fault.kind} at ${atMs()}`);
        if (fault.kind === 'rescale') injected();
        return () => happened.push(`${fault.kind} withdrawn at ${atMs()}`);
      },
    },
  );
  world.at(20, 'mark', () => world.mark('x'));
  await world.run({ until: () => false, deadlineMs: 85 });
  t.deepEqual(happened, [
    'savepoint at 10',
    'rescale at 25',
    'savepoint withdrawn at 60',
    'rescale withdrawn at 60',
  ]);
  t.deepEqual(counts.byFault(), [0, 1, 0]);
});

const MARK = { mark: 'x', nth: 1 } as const;
