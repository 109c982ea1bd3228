// The claim everything rests on: the same seed gives the same steps and the same digest, and where
// a run did depend on something else, the first differing step is found.

import test from 'ava';
import type { Environment } from '../engine/environment/environment.ts';
import { address } from '../engine/environment/network.ts';
import { applyPlan } from './faults/apply-plan.ts';
import { drawPlan } from './faults/draw-plan.ts';
import { FAULT_KINDS } from './faults/fault.ts';
import { installGuard } from './guard/guard.ts';
import type { HostIo } from './disk-port.ts';
import { macrotask } from './kernel/macrotask.ts';
import type { Outcome } from './kernel/outcome.ts';
import { firstDivergence, type TraceEntry } from './trace.ts';
import { World, type WorldOptions } from './world.ts';

const [client, server] = [address('client'), address('server')];
const REQUESTS = 40;

interface Run {
  readonly outcome: Outcome;
  readonly digest: string;
  readonly entries: readonly TraceEntry[];
}

/** Stamps each answer; a planted stamp makes the run depend on the outside. */
type Stamp = (request: number) => number;

/** Answers each request after writing it down, in asynchronous code of several awaits. */
function bootServer({ network }: Environment, io: HostIo, stamp: Stamp): void {
  const answer = async (request: number) => {
    await io.perform('write', 1 + (request % 3), () => request);
    await Promise.resolve();
    await io.perform('sync', 2, () => request);
    network.send(client, Uint8Array.of(request, stamp(request)));
  };
  network.listen((_, bytes) => void answer(bytes[0] ?? 0));
}

/** Asks until it is answered, again and again after a random time, then asks the next. */
function bootClient({ network, clock, random }: Environment, isDone: () => void): void {
  let request = 1;
  const ask = () => {
    const asked = request;
    network.send(server, Uint8Array.of(asked));
    clock.schedule(20 + random.below(30), () => {
      if (asked === request && request <= REQUESTS) ask();
    });
  };
  network.listen((_, bytes) => {
    if (bytes[0] !== request) return;
    request += 1;
    if (request > REQUESTS) isDone();
    else ask();
  });
  ask();
}

async function run(
  seed: string,
  stamp: Stamp = () => 0,
  options: Partial<WorldOptions> = { record: 'full' },
): Promise<Run> {
  const world = new World({ seed, drain: macrotask, ...options });
  let isDone = false;
  world.addHost(server, { boot: (environment, io) => bootServer(environment, io, stamp) });
  world.addHost(client, {
    boot: (environment) => {
      bootClient(environment, () => {
        isDone = true;
      });
    },
  });
  const mix = { kinds: FAULT_KINDS, hosts: [client, server], healAtMs: 2_000 };
  const plan = drawPlan(world.random.fork('plan'), mix);
  const { isHealed } = applyPlan(world, plan);
  const outcome = await world.run({ until: () => isDone && isHealed(), deadlineMs: 300_000 });
  return { outcome, digest: world.digest, entries: world.entries() };
}

const seeds = Array.from({ length: 25 }, (_, index) =>
  (index * 7919).toString(16).padStart(16, '0'),
);

test('the same seed gives the same digest, the same steps and the same ending', async (t) => {
  const digests = new Set<string>();
  for (const seed of seeds) {
    const [one, other] = [await run(seed), await run(seed)];
    t.is(one.outcome.kind, 'reached', seed);
    t.is(one.digest, other.digest);
    t.deepEqual(one.outcome, other.outcome);
    t.is(firstDivergence(one.entries, other.entries), undefined);
    digests.add(one.digest);
  }
  t.is(digests.size, seeds.length);
});

test('recording, describing and guarding a run do not change it', async (t) => {
  const guard = installGuard();
  const describe = (bytes: Uint8Array) => `request ${bytes[0]}`;
  for (const seed of seeds.slice(0, 5)) {
    const plain = await run(seed, () => 0, {});
    const watched = await run(seed, () => 0, { record: 50, describe, scope: guard });
    t.is(plain.digest, watched.digest);
    t.deepEqual(plain.outcome, watched.outcome);
    t.deepEqual([plain.entries.length, watched.entries.length], [0, 50]);
  }
  guard.restore();
});

test('interleaved runs do not disturb each other', async (t) => {
  const [first = '', second = ''] = seeds;
  const alone = [await run(first), await run(second)].map(({ digest }) => digest);
  const together = await Promise.all([run(first), run(second), run(first)]);
  t.deepEqual(
    together.map(({ digest }) => digest),
    [alone[0], alone[1], alone[0]],
  );
});

test('a planted ambient value is found at the very step in which it shows', async (t) => {
  let outside = 0;
  const planted: Stamp = (request) => {
    outside += 1;
    return request === 7 ? outside % 251 : 0;
  };
  const seed = '0000000000000000';
  const [one, other] = [await run(seed, planted), await run(seed, planted)];
  t.not(one.digest, other.digest);
  const divergence = firstDivergence(one.entries, other.entries);
  t.like(divergence?.left, { kind: 'message', from: 'server', to: 'client' });
  // All before it agrees: it is the first answer to request 7.
  const cause = one.entries.find(({ step }) => step === divergence?.left?.cause);
  t.like(cause, { kind: 'io', host: 'server', text: 'sync' });
});
