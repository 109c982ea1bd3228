// Events per second of a world, as a ratio to a bare heap that does the same work in the same run.
// `node simulator/bench/kernel.bench.ts` prints one line of JSON; ratios compare between machines,
// rates do not.

import { address } from '../../engine/environment/network.ts';
import { KernelEvent, type Owner } from '../kernel/event.ts';
import { EventQueue } from '../kernel/event-queue.ts';
import { macrotask, World } from '../index.ts';

const EVENTS = 400_000;
const IO_EVENTS = 40_000;
const TIMERS = 100;
const ROUNDS = 5;

const owner: Owner = {
  index: 0,
  name: 'bench',
  isHost: true,
  isAlive: true,
  isPaused: false,
  held: [],
};

function world(): World {
  return new World({ seed: '00000000000000be', drain: macrotask });
}

/** The floor: push and pop with a callback, no clock, no digest, no owner. */
async function bareHeap(): Promise<number> {
  const queue = new EventQueue<KernelEvent>();
  let sequence = 0;
  const push = (timeMs: number) => {
    const event = new KernelEvent(owner, 'timer', 'timer', () => push(event.timeMs + 1));
    event.timeMs = timeMs;
    event.sequence = sequence;
    sequence += 1;
    queue.push(event);
  };
  for (let timer = 0; timer < TIMERS; timer += 1) push(timer);
  for (let count = 0; count < EVENTS; count += 1) queue.pop()?.run();
  return await Promise.resolve(EVENTS);
}

async function timers(): Promise<number> {
  const simulated = world();
  let count = 0;
  simulated.addHost(address('tm-1'), {
    boot: ({ clock }) => {
      const tick = () => {
        count += 1;
        clock.schedule(1, tick);
      };
      for (let timer = 0; timer < TIMERS; timer += 1) clock.schedule(timer, tick);
    },
  });
  await simulated.run({ until: () => count >= EVENTS, deadlineMs: Number.MAX_SAFE_INTEGER });
  return count;
}

async function messages(): Promise<number> {
  const simulated = world();
  const [left, right] = [address('tm-1'), address('tm-2')];
  let count = 0;
  for (const [self, peer] of [
    [left, right],
    [right, left],
  ] as const) {
    simulated.addHost(self, {
      boot: ({ network, clock }) => {
        network.listen((_, bytes) => {
          count += 1;
          network.send(peer, bytes);
        });
        clock.schedule(1, () => network.send(peer, new Uint8Array(100)));
      },
    });
  }
  await simulated.run({ until: () => count >= EVENTS, deadlineMs: Number.MAX_SAFE_INTEGER });
  return count;
}

async function io(): Promise<number> {
  const simulated = world();
  let count = 0;
  simulated.addHost(address('tm-1'), {
    boot: (_, host) => {
      const work = async () => {
        for (;;) {
          await host.perform('read', 1, () => 1);
          count += 1;
        }
      };
      void work();
    },
  });
  await simulated.run({ until: () => count >= IO_EVENTS, deadlineMs: Number.MAX_SAFE_INTEGER });
  return count;
}

/** Events per second: the median of some rounds, the first of which only warms up. */
async function rateOf(work: () => Promise<number>): Promise<number> {
  await work();
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const startMs = performance.now();
    const count = await work();
    rates.push((count / (performance.now() - startMs)) * 1_000);
  }
  return rates.toSorted((a, b) => a - b)[ROUNDS >> 1] ?? 0;
}

const bare = await rateOf(bareHeap);
const rates = {
  timers: await rateOf(timers),
  messages: await rateOf(messages),
  io: await rateOf(io),
};
const ratios = Object.fromEntries(
  Object.entries(rates).map(([name, rate]) => [name, Number((rate / bare).toFixed(3))]),
);
const perSecond = Object.fromEntries(
  Object.entries({ bare, ...rates }).map(([name, rate]) => [name, Math.round(rate)]),
);
console.log(JSON.stringify({ bench: 'kernel', perSecond, ratios }));
