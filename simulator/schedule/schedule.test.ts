// Whatever the policy, lanes keep their order and time does not go back; and each policy finds the
// bugs that it is for, at least as often as was proved of it.

import test from 'ava';
import fc from 'fast-check';
import { address } from '../../engine/environment/network.ts';
import { macrotask } from '../kernel/macrotask.ts';
import { SeededRandom } from '../random.ts';
import { World } from '../world.ts';
import { drawPolicy, FIFO, type SchedulePolicy } from './policy.ts';

const NEVER = { until: () => false, deadlineMs: 10_000 };
const POLICIES: readonly SchedulePolicy[] = [
  FIFO,
  { kind: 'random' },
  { kind: 'pct', depth: 3, choices: 40 },
  { kind: 'delay-bounded', delays: 5, choices: 40 },
];

function seedOf(number: number): string {
  return number.toString(16).padStart(16, '0');
}

function worldOf(schedule: SchedulePolicy, seed = seedOf(1)): World {
  return new World({ seed, drain: macrotask, schedule });
}

/** One step of a host: at once, after those it has asked for before. */
type Step = (at: string) => void;

/** Hosts that take `steps` steps each, one after the other, all at the same moment. */
async function race(world: World, hosts: readonly string[], step: Step, steps: number) {
  for (const host of hosts) {
    world.addHost(address(host), {
      boot: ({ clock }) => {
        let taken = 0;
        const next = (): void => {
          taken += 1;
          step(`${host}${taken}`);
          if (taken < steps) clock.schedule(0, next);
        };
        clock.schedule(0, next);
      },
    });
  }
  await world.run(NEVER);
}

async function orderOf(schedule: SchedulePolicy, seed: string, steps = 4): Promise<string[]> {
  const seen: string[] = [];
  await race(worldOf(schedule, seed), ['a', 'b'], (at) => seen.push(at), steps);
  return seen;
}

for (const policy of POLICIES) {
  test(`${policy.kind}: links, timers and the world keep their order`, async (t) => {
    for (let number = 0; number < 30; number++) {
      const world = worldOf(policy, seedOf(number));
      const seen = new Map<string, number[]>([
        ['timer', []],
        ['world', []],
      ]);
      const note = (lane: string, what: number) =>
        seen.set(lane, [...(seen.get(lane) ?? []), what]);
      for (const host of ['x', 'y', 'z']) {
        world.addHost(address(host), {
          boot: ({ clock, network }) => {
            network.listen((from, [what = -1]) => note(`${from} to ${host}`, what));
            for (let what = 0; what < 5; what++) {
              clock.schedule(20, () => note(`timer of ${host}`, what));
              clock.schedule(2, () => {
                for (const to of ['x', 'y', 'z']) network.send(address(to), Uint8Array.of(what));
              });
            }
          },
        });
      }
      for (let what = 0; what < 5; what++) world.at(3, 'act', () => note('world', what));
      await world.run(NEVER);
      t.is(seen.size, 14);
      for (const [lane, order] of seen) {
        if (lane !== 'timer') t.deepEqual(order, [0, 1, 2, 3, 4], lane);
      }
    }
  });

  test(`${policy.kind}: a seed gives one order, and time never goes back`, async (t) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 6 }), { maxLength: 30 }), async (delays) => {
        const runs = await Promise.all(
          [1, 2].map(async () => {
            const world = worldOf(policy, seedOf(7));
            const times: number[] = [];
            for (const [index, host] of ['a', 'b', 'c'].entries()) {
              world.addHost(address(host), {
                boot: ({ clock }) => {
                  for (const [at, delay] of delays.entries()) {
                    if (at % 3 !== index) continue;
                    const timer = clock.schedule(delay, () => times.push(world.nowMs));
                    // Those that are ready can be cancelled like those that are not.
                    if (at % 5 === 0) clock.schedule(delay - (delay % 2), () => timer.cancel());
                  }
                },
              });
            }
            await world.run({ until: () => false, deadlineMs: 3 });
            world.at(world.nowMs, 'late comer', () => times.push(world.nowMs));
            await world.run(NEVER);
            return { times, digest: world.digest };
          }),
        );
        const [first, second] = runs;
        t.deepEqual(first, second);
        const times = first?.times ?? [];
        t.deepEqual(
          times,
          times.toSorted((a, b) => a - b),
        );
      }),
      { numRuns: 25 },
    );
  });
}

test('a lane that never lets go does not starve the others', async (t) => {
  for (const policy of POLICIES) {
    for (let number = 0; number < 4; number++) {
      const world = worldOf(policy, seedOf(number));
      let isStopped = false;
      world.addHost(address('spin'), {
        boot: ({ clock }) => {
          const again = (): void => {
            if (!isStopped) clock.schedule(0, again);
          };
          again();
        },
      });
      world.addHost(address('stop'), {
        boot: ({ clock }) => {
          clock.schedule(0, () => {
            isStopped = true;
          });
        },
      });
      await world.run({ until: () => world.step > 20_000, deadlineMs: 1 });
      t.true(isStopped, policy.kind);
    }
  }
});

/** In how many of so many seeds a policy gives an order in which the bug shows. */
async function foundBy(
  policy: SchedulePolicy,
  shows: (order: readonly string[]) => boolean,
  steps = 4,
): Promise<number> {
  let found = 0;
  for (let number = 0; number < SEEDS; number++) {
    if (shows(await orderOf(policy, seedOf(number), steps))) found += 1;
  }
  return found / SEEDS;
}

const SEEDS = 400;
/** Chance may stay this much below what is expected of it: three standard deviations and more. */
const SLACK = 0.8;
/** Of two hosts, each with a boot and its steps. */
const LANES = 2;
const choicesOf = (steps: number): number => LANES * (steps + 1);

const isBefore = (order: readonly string[], one: string, other: string): boolean =>
  order.indexOf(one) < order.indexOf(other);

/** Depth 1: one ordering, against all that first in, first out ever does. */
const starved = (order: readonly string[]): boolean => isBefore(order, 'b4', 'a1');
/** Depth 2: b does all that it does between two certain steps of a. */
const torn = (order: readonly string[]): boolean =>
  isBefore(order, 'a2', 'b1') && isBefore(order, 'b4', 'a3');
/** Depth 3: and a goes on in the middle of that. */
const tornTwice = (order: readonly string[]): boolean =>
  isBefore(order, 'a2', 'b1') && isBefore(order, 'b2', 'a3') && isBefore(order, 'a4', 'b3');

test('first in, first out never shows any of them, whatever the seed', async (t) => {
  for (const bug of [starved, torn, tornTwice]) t.is(await foundBy(FIFO, bug), 0);
});

test('pct finds bugs of its depth at least as often as was proved', async (t) => {
  const choices = choicesOf(4);
  for (const [depth, bug] of [
    [1, starved],
    [2, torn],
    [3, tornTwice],
  ] as const) {
    const bound = 1 / (LANES * choices ** (depth - 1));
    const rate = await foundBy({ kind: 'pct', depth, choices }, bug);
    t.true(rate >= bound * SLACK, `depth ${depth}: ${rate} of at least ${bound}`);
  }
});

test('a depth that is too small cannot show a bug that needs more', async (t) => {
  const choices = choicesOf(4);
  t.is(await foundBy({ kind: 'pct', depth: 1, choices }, torn), 0);
});

test('where one side must run long and undisturbed, pct beats a random walk', async (t) => {
  const long = (order: readonly string[]): boolean => isBefore(order, 'b12', 'a1');
  const pct = await foundBy({ kind: 'pct', depth: 1, choices: choicesOf(12) }, long, 12);
  const random = await foundBy({ kind: 'random' }, long, 12);
  t.true(pct >= (1 / LANES) * SLACK, `${pct}`);
  t.true(random < 0.05, `${random}`);
});

test('a random walk finds a bug of one ordering in about every other run', async (t) => {
  const first = (order: readonly string[]): boolean => isBefore(order, 'b1', 'a1');
  const rate = await foundBy({ kind: 'random' }, first);
  t.true(rate > 0.3 && rate < 0.7, `${rate}`);
});

test('k delays show what takes k delays, and fewer never do', async (t) => {
  const choices = choicesOf(4);
  // Turns alternate: each delay of a lets b get one step further ahead.
  const ahead = (order: readonly string[]): boolean => isBefore(order, 'b3', 'a1');
  const rateWith = (delays: number) => foundBy({ kind: 'delay-bounded', delays, choices }, ahead);
  t.is(await rateWith(0), 0);
  t.is(await rateWith(1), 0);
  const delays = 3;
  const rate = await rateWith(delays);
  t.true(rate >= (1 / choices ** delays) * SLACK && rate > 0, `${rate}`);
});

test('most seeds go first in, first out; all policies have their share of the others', (t) => {
  const kinds = new Map<string, number>();
  for (let number = 0; number < 800; number++) {
    const { kind } = drawPolicy(new SeededRandom(seedOf(number)).fork('schedule-policy'));
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  t.is(kinds.size, 4);
  t.true((kinds.get('fifo') ?? 0) > 400);
  for (const count of kinds.values()) t.true(count > 50);
});
