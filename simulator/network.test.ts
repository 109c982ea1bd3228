// What may happen to a message, one way at a time.

import test from 'ava';
import { address, type Network } from '../engine/environment/network.ts';
import { macrotask } from './kernel/macrotask.ts';
import { slow } from './link-rules.ts';
import { duplicating, lossy, type Rule, reordering } from './network-rules.ts';
import { World } from './world.ts';

const [jm, tm] = [address('jm'), address('tm-1')];

interface Arrival {
  readonly atMs: number;
  readonly value: number;
}

interface Pair {
  readonly world: World;
  readonly arrivals: Arrival[];
  readonly send: (atMs: number, value: number) => void;
}

/** `tm-1` notes what arrives; `send` makes `jm` send one byte at a time of the test's choice. */
function pairOf(latenciesMs: readonly number[] = [2]): Pair {
  const world = new World({ seed: '00000000000000a5', drain: macrotask });
  const arrivals: Arrival[] = [];
  let network: Network | undefined;
  world.addHost(jm, {
    boot: (environment) => {
      network = environment.network;
    },
  });
  world.addHost(tm, {
    boot: (environment) => {
      environment.network.listen((from, bytes) => {
        if (from === jm) arrivals.push({ atMs: world.nowMs, value: bytes[0] ?? -1 });
      });
    },
  });
  world.network.setLatencies(jm, tm, latenciesMs);
  const send = (atMs: number, value: number) => {
    world.at(atMs, 'send', () => network?.send(tm, Uint8Array.of(value)));
  };
  return { world, arrivals, send };
}

async function settle({ world }: Pair): Promise<void> {
  await world.run({ until: () => false, deadlineMs: 10_000 });
}

const values = (pair: Pair) => pair.arrivals.map(({ value }) => value);

test('a message arrives once, after the latency, as a copy', async (t) => {
  const pair = pairOf();
  const bytes = Uint8Array.of(7);
  let network: Network | undefined;
  pair.world.addHost(address('tm-2'), {
    boot: (environment) => {
      network = environment.network;
    },
  });
  pair.send(10, 7);
  pair.world.at(10, 'send and change', () => {
    network?.send(tm, bytes);
    bytes[0] = 99;
  });
  await settle(pair);
  t.deepEqual(pair.arrivals, [{ atMs: 12, value: 7 }]);
  t.like(pair.world.network.counts, { sent: 2, delivered: 2 });
});

test('a link keeps the order of messages although latencies differ', async (t) => {
  const pair = pairOf([1, 2, 9, 30]);
  const sent = Array.from({ length: 40 }, (_, index) => index);
  for (const value of sent) pair.send(value, value);
  await settle(pair);
  t.deepEqual(values(pair), sent);
});

test('reordering lets later messages overtake; nothing is lost by it', async (t) => {
  const pair = pairOf();
  pair.world.network.addRule(reordering(pair.world.random, 3, 20));
  const sent = Array.from({ length: 40 }, (_, index) => index);
  for (const value of sent) pair.send(value, value);
  await settle(pair);
  t.notDeepEqual(values(pair), sent);
  t.deepEqual(
    values(pair).toSorted((a, b) => a - b),
    sent,
  );
  t.true(pair.world.network.counts.delayed > 0);
});

test('loss, duplication and slowness do what they say until the rule is taken away', async (t) => {
  const cases: readonly (readonly [Rule, readonly number[]])[] = [
    [lossy(pairOf().world.random, 1), [5]],
    [duplicating(pairOf().world.random, 1, 0), [1, 1, 5]],
    [slow(50), [1, 5]],
  ];
  for (const [rule, expected] of cases) {
    const pair = pairOf();
    const remove = pair.world.network.addRule(rule);
    pair.send(1, 1);
    pair.world.at(4, 'remove', remove);
    pair.send(5, 5);
    await settle(pair);
    t.deepEqual(values(pair), expected);
  }
});

test('a cut loses what is sent and what is under way, in its direction only', async (t) => {
  const pair = pairOf([5]);
  let backCount = 0;
  pair.world.addHost(address('tm-2'), {
    boot: ({ network }) => {
      network.listen(() => {
        backCount += 1;
      });
    },
  });
  pair.send(1, 1);
  pair.world.at(3, 'cut', () => {
    const heal = pair.world.partition(jm, tm, false);
    const healAgain = pair.world.partition(jm, tm, true);
    pair.world.at(20, 'heal', heal);
    pair.world.at(20, 'heal twice', heal);
    pair.world.at(40, 'heal the other', healAgain);
  });
  pair.send(10, 10);
  pair.send(30, 30);
  pair.send(41, 41);
  await settle(pair);
  t.deepEqual(values(pair), [41]);
  t.is(pair.world.network.counts.droppedByPartition, 3);
  t.is(backCount, 0);
});

test('messages to a host that is down, or crashed and restarted meanwhile, are lost', async (t) => {
  const pair = pairOf([10]);
  pair.send(1, 1);
  pair.world.at(5, 'crash', () => pair.world.crash(tm));
  pair.send(6, 6);
  pair.world.at(8, 'restart', () => pair.world.restart(tm));
  pair.send(9, 9);
  await settle(pair);
  t.deepEqual(values(pair), [9]);
  t.is(pair.world.network.counts.lostAtReceiver, 1);
});

test('a message outlives the crash of its sender', async (t) => {
  const pair = pairOf([10]);
  pair.send(1, 1);
  pair.world.at(2, 'crash', () => pair.world.crash(jm));
  pair.send(3, 3);
  await settle(pair);
  t.deepEqual(values(pair), [1]);
});

test('a message to oneself arrives, but not within send()', async (t) => {
  const world = new World({ seed: '00000000000000a6', drain: macrotask });
  const seen: string[] = [];
  world.addHost(jm, {
    boot: ({ network }) => {
      network.listen((from) => seen.push(`from ${from}`));
      network.send(jm, Uint8Array.of(1));
      seen.push('sent');
    },
  });
  await world.run({ until: () => false, deadlineMs: 10 });
  t.deepEqual(seen, ['sent', 'from jm']);
});
