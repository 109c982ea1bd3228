// The engine takes a rare choice where a plan says so, on the hosts of that world and nowhere else.

import test from 'ava';
import { buggify } from '../engine/core/buggify.ts';
import { takeReached } from '../engine/core/sometimes.ts';
import { address } from '../engine/environment/network.ts';
import { applyPlan, type AppliedPlan } from './faults/apply-plan.ts';
import type { Fault } from './faults/fault.ts';
import { macrotask } from './kernel/macrotask.ts';
import { World } from './world.ts';

const host = address('tm-1');
const SITE = 'a box is left open';

interface Stroll {
  readonly world: World;
  readonly applied: AppliedPlan;
  /** At which milliseconds the choice was taken. */
  readonly taken: readonly number[];
  readonly run: () => Promise<unknown>;
}

/**
 * A host that passes the site every 10 ms for a second, in a timer and in a continuation of I/O.
 */
function strollOf(faults: readonly Fault[], seed = '00000000000000c1'): Stroll {
  const world = new World({ seed, drain: macrotask });
  const taken: number[] = [];
  const pass = (): void => {
    if (buggify(SITE)) taken.push(world.nowMs);
  };
  world.addHost(host, {
    boot: ({ clock }, io) => {
      const tick = (): void => {
        pass();
        void io.perform('read', 5, () => undefined).then(pass);
        clock.schedule(10, tick);
      };
      clock.schedule(10, tick);
    },
  });
  const applied = applyPlan(world, { healAtMs: 1_000, faults });
  const run = (): Promise<unknown> => world.run({ until: () => false, deadlineMs: 1_200 });
  return { world, applied, taken, run };
}

function choice(fields: { fromMs: number; toMs: number; oneIn: number; site?: string }): Fault {
  return { kind: 'buggify', site: SITE, ...fields };
}

test.serial('without a chooser no rare choice is taken', (t) => {
  t.false(buggify(SITE));
});

test.serial(
  'a choice is taken during its window alone, in timers and in continuations',
  async (t) => {
    const stroll = strollOf([choice({ fromMs: 195, toMs: 296, oneIn: 1 })]);
    takeReached();
    await stroll.run();
    t.deepEqual(
      stroll.taken,
      Array.from({ length: 21 }, (_, index) => 195 + 5 * index),
    );
    t.deepEqual(stroll.applied.counts.byFault(), [21]);
    t.deepEqual([...takeReached()], [[`buggify: ${SITE}`, 21]]);
    t.false(buggify(SITE), 'the world is over');
  },
);

test.serial('healing ends it, and another site is not concerned', async (t) => {
  const stroll = strollOf([
    choice({ fromMs: 900, toMs: 9_000, oneIn: 1 }),
    choice({ fromMs: 0, toMs: 900, oneIn: 1, site: 'a door is left open' }),
  ]);
  await stroll.run();
  t.true(stroll.taken.every((atMs) => atMs >= 900 && atMs <= 1_000));
  t.deepEqual(stroll.applied.counts.byFault(), [stroll.taken.length, 0]);
});

test.serial('one in so many is taken, the same for the same seed', async (t) => {
  const faults = [choice({ fromMs: 0, toMs: 1_000, oneIn: 5 })];
  const [one, again, other] = [
    strollOf(faults),
    strollOf(faults),
    strollOf(faults, '00000000000000c2'),
  ];
  await one.run();
  await again.run();
  await other.run();
  t.true(one.taken.length > 15 && one.taken.length < 80);
  t.deepEqual(one.taken, again.taken);
  t.notDeepEqual(one.taken, other.taken);
});

test.serial('of worlds that run at the same time each has its own choices', async (t) => {
  const [harmed, spared] = [strollOf([choice({ fromMs: 0, toMs: 999, oneIn: 1 })]), strollOf([])];
  await Promise.all([harmed.run(), spared.run()]);
  t.true(harmed.taken.length > 190);
  t.deepEqual(spared.taken, []);
});
