// The consuming ends of a task against producers that note what they are told.

import test from 'ava';

import { executionAttemptId } from '../../core/ids.ts';
import { address } from '../../environment/network.ts';
import type { ChannelElement } from '../../stream/elements.ts';
import { ActorSystem } from '../actor/actor-system.ts';
import { encodeElement } from '../channel/element-codec.ts';
import { CHANNEL_CREDIT } from '../channel/input-channel.ts';
import type { TaskDeployment, ToTask } from '../messages.ts';
import { twoVertices } from '../testing/graphs.ts';
import { WeakWorld } from '../testing/weak-world.ts';
import { InputGate } from './input-gate.ts';

type Of<K extends ToTask['kind']> = Extract<ToTask, { readonly kind: K }>;

/** A gate with two producers, who note what they are told. */
class World {
  readonly world = new WeakWorld();
  readonly told: (readonly [producer: number, message: ToTask])[] = [];
  readonly gate: InputGate;
  readonly edge: string;
  readonly #sequences = [0, 0];

  constructor() {
    const system = new ActorSystem({ environment: this.world.boot('tm') });
    const graph = twoVertices();
    const [edge] = graph.edges;
    const [, target] = graph.vertices;
    if (edge === undefined || target === undefined) throw new Error('no edge');
    this.edge = edge.id;
    const peers = [0, 1].map((subtask) => {
      const attempt = executionAttemptId(`producer-${subtask}`);
      const receive = (mail: unknown): void => void this.told.push([subtask, mail as ToTask]);
      system.spawn(attempt, { receive });
      return { subtask, attempt, host: address('tm') };
    });
    const deployment: TaskDeployment = {
      attempt: executionAttemptId('consumer'),
      attemptNumber: 0,
      leaderEpoch: 1,
      vertex: target.id,
      subtask: 1,
      parallelism: 2,
      maxParallelism: 128,
      inputs: [{ edge: edge.id, peers }],
      outputs: [],
      restore: undefined,
    };
    this.gate = new InputGate({ system, graph, deployment });
  }

  send(producer: number, element: ChannelElement | Uint8Array, skip = 0): void {
    const sequence = (this.#sequences[producer] ?? 0) + 1 + skip;
    this.#sequences[producer] = sequence;
    this.gate.receive({ kind: 'channel-element', edge: this.edge, producer, sequence, element });
  }

  of<K extends ToTask['kind']>(kind: K, producer: number): readonly Of<K>[] {
    this.world.advance(1);
    return this.told
      .filter(([from]) => from === producer)
      .map(([, message]) => message)
      .filter((message): message is Of<K> => message.kind === kind);
  }

  creditOf(producer: number): number {
    return this.of('grant-credit', producer).reduce((sum, { credit }) => sum + credit, 0);
  }
}

function watermark(timestamp: number): ChannelElement {
  return { kind: 'watermark', timestamp };
}

test('channels are asked for until each has answered', (t) => {
  const world = new World();
  t.true(world.gate.requestChannels());
  world.gate.channelOpened(world.edge, 0);
  t.true(world.gate.requestChannels());
  world.gate.channelOpened(world.edge, 1);
  t.false(world.gate.requestChannels());
  t.is(world.of('open-channel', 0).length, 1);
  const asked = world.of('open-channel', 1);
  t.deepEqual(
    asked.map(({ consumer }) => consumer),
    [1, 1],
  );
});

test('channels take turns, and a blocked one is left out', (t) => {
  const world = new World();
  for (let time = 0; time < 3; time++) {
    world.send(0, watermark(time));
    world.send(1, watermark(10 + time));
  }
  const polled = (): number => world.gate.poll()?.channel ?? -1;
  t.deepEqual([polled(), polled(), polled()], [0, 1, 0]);
  const [, second] = world.gate.channels;
  if (second === undefined) return t.fail();
  second.blocked = true;
  t.deepEqual([polled(), polled()], [0, -1]);
  second.blocked = false;
  t.deepEqual([polled(), polled(), polled()], [1, 1, -1]);
});

test('credit goes back for what was processed, in portions, to whom it is due', (t) => {
  const world = new World();
  for (let time = 0; time < CHANNEL_CREDIT; time++) world.send(0, watermark(time));
  world.gate.poll();
  t.is(world.creditOf(0), 0);
  for (let left = 1; left < CHANNEL_CREDIT; left++) world.gate.poll();
  t.is(world.creditOf(0), CHANNEL_CREDIT);
  t.is(world.creditOf(1), 0);
  t.true(world.of('grant-credit', 0).length < CHANNEL_CREDIT);
});

test('restored elements come first and give no credit: nobody had spent any on them', (t) => {
  const world = new World();
  world.gate.channels[0]?.restore([watermark(1), watermark(2)]);
  for (let time = 0; time < CHANNEL_CREDIT; time++) world.send(0, watermark(10 + time));
  const times: unknown[] = [];
  for (let next = world.gate.poll(); next !== undefined; next = world.gate.poll()) {
    if (next.element.kind === 'watermark') times.push(next.element.timestamp);
  }
  t.deepEqual(times.slice(0, 3), [1, 2, 10]);
  t.is(world.creditOf(0), CHANNEL_CREDIT);
});

test('from a channel that has ended nothing is awaited, and no credit goes to it', (t) => {
  const world = new World();
  for (let time = 1; time < CHANNEL_CREDIT; time++) world.send(0, watermark(time));
  world.send(0, { kind: 'end-of-partition' });
  for (let polled = 0; polled < CHANNEL_CREDIT; polled++) world.gate.poll();
  t.is(world.creditOf(0), CHANNEL_CREDIT - 2);
  t.true(world.gate.awaits(address('tm')));
  for (const channel of world.gate.channels) channel.ended = true;
  t.false(world.gate.awaits(address('tm')));
  t.true(world.gate.hasEnded);
});

test('elements from another host are decoded', (t) => {
  const world = new World();
  world.send(0, encodeElement({ kind: 'records', values: [1], timestamps: [2] }, undefined));
  t.deepEqual(world.gate.poll()?.element, { kind: 'records', values: [1], timestamps: [2] });
});

test('a missing element breaks the channel', (t) => {
  const world = new World();
  world.send(0, watermark(1));
  t.throws(() => world.send(0, watermark(3), 1), { code: 'OP-E601' });
});

test('more than the credit is a bug of the producer and is noticed', (t) => {
  const world = new World();
  for (let time = 0; time < CHANNEL_CREDIT; time++) world.send(0, watermark(time));
  t.throws(() => world.send(0, watermark(99)), { message: /Cannot hold more than/ });
});
