// Two hosts on a network that loses, repeats and delays; links that break; hosts that restart.

import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';

import { address } from '../../environment/network.ts';
import { type Fate, WeakWorld } from '../testing/weak-world.ts';
import { decodePacket, encodePacket, packet } from './packet.ts';
import { Transport } from './transport.ts';
import type { TransportConfig } from './transport-config.ts';

const CONFIG: TransportConfig = {
  retransmissionMsMin: 20,
  retransmissionMsMax: 100,
  acknowledgementDelayMs: 5,
  windowPackets: 4,
  queuePacketsMax: 200,
  lostAfterMs: 500,
};

const NAMES = ['a', 'b'] as const;
type Name = (typeof NAMES)[number];
const OTHER = { a: 'b', b: 'a' } as const;

interface Message {
  readonly life: number;
  readonly number: number;
  /** Connections lost at the sender when it was sent: messages of one connection share it. */
  readonly epoch: number;
}

type Entry = { readonly kind: 'lost' } | ({ readonly kind: 'message' } & Message);

/** One life of a host. */
class Node {
  readonly name: Name;
  readonly life: number;
  readonly log: Entry[] = [];
  readonly sent: Message[] = [];
  lost = 0;
  readonly #transport: Transport;

  constructor(world: WeakWorld, name: Name, config: Partial<TransportConfig>) {
    const environment = world.boot(name);
    this.name = name;
    this.life = world.lifeOf(name);
    this.#transport = new Transport(
      environment,
      { ...CONFIG, ...config },
      {
        deliver: (_from, bytes) => this.log.push({ kind: 'message', ...decode(bytes) }),
        connectionLost: () => {
          this.lost++;
          this.log.push({ kind: 'lost' });
        },
      },
    );
  }

  send(): Message {
    const message = { life: this.life, number: this.sent.length + 1, epoch: this.lost };
    this.sent.push(message);
    this.#transport.send(address(OTHER[this.name]), encode(message));
    return message;
  }

  disconnect(): void {
    this.#transport.disconnect(address(OTHER[this.name]));
  }

  get messages(): readonly Message[] {
    return this.log.filter((entry) => entry.kind === 'message');
  }

  numbers(life: number): readonly number[] {
    return this.messages.filter((one) => one.life === life).map(({ number }) => number);
  }
}

class Pair {
  readonly world: WeakWorld;
  readonly lives: { readonly a: Node[]; readonly b: Node[] } = { a: [], b: [] };
  readonly #config: Partial<TransportConfig>;

  constructor(fate?: Fate, config: Partial<TransportConfig> = {}) {
    this.world = new WeakWorld(fate);
    this.#config = config;
    for (const name of NAMES) this.restart(name);
  }

  restart(name: Name): void {
    this.lives[name].push(new Node(this.world, name, this.#config));
  }

  at(name: Name): Node {
    return this.lives[name].at(-1) as Node;
  }

  get a(): Node {
    return this.at('a');
  }

  get b(): Node {
    return this.at('b');
  }
}

test('messages arrive once and in order in both directions', (t) => {
  const pair = new Pair();
  for (let count = 0; count < 50; count++) {
    pair.a.send();
    pair.b.send();
  }
  pair.world.advance(5_000);
  t.deepEqual(pair.b.numbers(1), upTo(50));
  t.deepEqual(pair.a.numbers(1), upTo(50));
  t.is(pair.a.lost + pair.b.lost, 0);
});

for (const name of NAMES) {
  test(`a message waits for a peer that is not there yet: ${name} sends`, (t) => {
    const pair = new Pair();
    pair.world.stop(OTHER[name]);
    pair.at(name).send();
    pair.world.advance(300);
    pair.restart(OTHER[name]);
    pair.world.advance(300);
    t.deepEqual(pair.at(OTHER[name]).numbers(1), [1]);
    t.is(pair.at(name).lost, 0);
  });

  test(`a peer that never answers is reported lost after the bound: ${name} sends`, (t) => {
    const pair = new Pair();
    pair.world.stop(OTHER[name]);
    pair.at(name).send();
    pair.world.advance(CONFIG.lostAfterMs);
    t.is(pair.at(name).lost, 0);
    pair.world.advance(CONFIG.retransmissionMsMax * 2);
    t.is(pair.at(name).lost, 1);
    const packets = pair.world.sent;
    pair.world.advance(10_000);
    t.is(pair.world.sent, packets, 'Nothing is sent once the peer is lost');
  });

  test(`a restart of the receiver is reported, and later messages arrive: ${name} sends`, (t) => {
    const pair = new Pair();
    pair.at(name).send();
    pair.world.advance(200);
    pair.restart(OTHER[name]);
    pair.at(name).send();
    pair.world.advance(200);
    t.is(pair.at(name).lost, 1);
    t.deepEqual(pair.at(OTHER[name]).numbers(1), []);
    pair.at(name).send();
    pair.world.advance(200);
    t.deepEqual(pair.at(OTHER[name]).numbers(1), [3]);
  });

  test(`a restart of the sender is told, and its next life is heard: ${name}`, (t) => {
    const pair = new Pair();
    pair.at(name).send();
    pair.at(OTHER[name]).send();
    pair.world.advance(200);
    pair.restart(name);
    pair.at(name).send();
    pair.world.advance(60);
    t.is(pair.at(OTHER[name]).lost, 1);
    t.deepEqual(pair.at(OTHER[name]).numbers(2), [1]);
  });

  test(`a connection that is given up is lost at the other end too, soon: ${name}`, (t) => {
    const pair = new Pair();
    pair.a.send();
    pair.b.send();
    pair.world.advance(200);
    pair.at(name).disconnect();
    pair.world.advance(5);
    t.is(pair.a.lost, 1);
    t.is(pair.b.lost, 1);
  });

  test(`a round trip longer than the first retransmission still connects: ${name}`, (t) => {
    const pair = new Pair(() => [60]);
    pair.world.advance(60_000);
    pair.at(name).send();
    pair.world.advance(2_000);
    t.deepEqual(pair.at(OTHER[name]).numbers(1), [1]);
    t.is(pair.at(name).lost, 0);
  });

  test(`a queue that overflows loses the connection and does not grow: ${name}`, (t) => {
    const pair = new Pair(undefined, { queuePacketsMax: 10 });
    pair.world.stop(OTHER[name]);
    for (let count = 0; count < 11; count++) pair.at(name).send();
    t.is(pair.at(name).lost, 1);
    pair.restart(OTHER[name]);
    pair.at(name).send();
    pair.world.advance(500);
    t.deepEqual(pair.at(OTHER[name]).numbers(1), [12]);
  });
}

test('a link that breaks one way loses the connection at both ends', (t) => {
  for (const [from, to] of [
    ['a', 'b'],
    ['b', 'a'],
  ] as const) {
    const pair = new Pair();
    pair.a.send();
    pair.b.send();
    pair.world.advance(200);
    pair.world.cut(from, to);
    pair.a.send();
    pair.b.send();
    pair.world.advance(2_000);
    pair.world.heal();
    pair.a.send();
    pair.b.send();
    pair.world.advance(2_000);
    t.true(pair.a.lost > 0, `a, from ${from}`);
    t.true(pair.b.lost > 0, `b, from ${from}`);
  }
});

test('a late packet of an earlier life brings its connection not back', (t) => {
  // What proves it alive comes long after the host has restarted.
  const late: Fate = (from, _to, bytes) => {
    const isLate = from === 'a' && decodePacket(bytes)?.kind !== 'hello';
    return [isLate && pair.world.lifeOf('a') === 1 ? 900 : 1];
  };
  const pair: Pair = new Pair((from, to, bytes) => late(from, to, bytes));
  pair.a.send();
  pair.world.advance(10);
  pair.restart('a');
  pair.a.send();
  pair.world.advance(100);
  t.deepEqual(pair.b.numbers(2), [1]);
  pair.world.advance(2_000);
  t.deepEqual(pair.b.numbers(1), []);
  t.is(pair.b.lost, 0);
});

test('datagrams are delivered without a connection', (t) => {
  const world = new WeakWorld();
  const got: number[] = [];
  const ignore = { deliver: () => {}, connectionLost: () => {} };
  const sender = new Transport(world.boot('x'), {}, ignore);
  const deliver = (_from: unknown, bytes: Uint8Array): void => void got.push(...bytes);
  const receiver = new Transport(world.boot('y'), {}, { deliver, connectionLost: () => {} });
  sender.sendDatagram(address('y'), Uint8Array.of(1, 2));
  world.advance(5);
  receiver.disconnect(address('x'));
  t.deepEqual(got, [1, 2]);
});

test('decodePacket() gives what encodePacket() was given', (t) => {
  const id = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
  fc.assert(
    fc.property(
      fc.constantFrom('hello', 'welcome', 'poke', 'reset', 'ack', 'data', 'datagram'),
      fc.record({ source: id, target: id, sequence: id, acknowledged: id }),
      fc.uint8Array(),
      (kind, ids, payload) => {
        const sent = packet(kind, { ...ids, payload });
        t.deepEqual(decodePacket(encodePacket(sent)), sent);
      },
    ),
    { numRuns: 50 },
  );
  t.is(decodePacket(Uint8Array.of(250)), undefined);
});

// ---- the laws, under everything at once ----

type Step =
  | { readonly kind: 'send' | 'restart' | 'disconnect'; readonly name: Name }
  | { readonly kind: 'cut'; readonly name: Name }
  | { readonly kind: 'heal' }
  | { readonly kind: 'wait'; readonly ms: number };

const name = fc.constantFrom(...NAMES);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: name.map((who): Step => ({ kind: 'send', name: who })) },
  {
    weight: 6,
    arbitrary: fc.integer({ min: 1, max: 120 }).map((ms): Step => ({ kind: 'wait', ms })),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'wait', ms: 900 }) },
  { weight: 1, arbitrary: name.map((who): Step => ({ kind: 'restart', name: who })) },
  { weight: 1, arbitrary: name.map((who): Step => ({ kind: 'cut', name: who })) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'heal' }) },
  { weight: 1, arbitrary: name.map((who): Step => ({ kind: 'disconnect', name: who })) },
);

/** A packet is lost, repeated or late, more or less often; taken in turn, again and again. */
const fates = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant([1]) },
    { weight: 2, arbitrary: fc.constant<number[]>([]) },
    { weight: 2, arbitrary: fc.integer({ min: 2, max: 400 }).map((ms) => [ms]) },
    { weight: 2, arbitrary: fc.integer({ min: 2, max: 900 }).map((ms) => [1, ms]) },
  ),
  { minLength: 1, maxLength: 25 },
);

test('whatever network and hosts do, the laws hold, and in the end messages arrive', (t) => {
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 5, maxLength: 80, size: 'max' }),
      fates,
      (steps, turns) => {
        let turn = 0;
        const pair = new Pair(() => turns[turn++ % turns.length] ?? [1]);
        for (const one of steps) perform(pair, one);
        checkLaws(t, pair);
        pair.world.heal();
        pair.world.advance(3_000);
        for (const who of NAMES) t.true(getsThrough(pair, who), `${who} is heard in the end`);
        checkLaws(t, pair);
        for (const who of NAMES) checkSent(t, pair.at(who), pair.lives[OTHER[who]]);
      },
    ),
    { numRuns: 300 },
  );
});

function perform(pair: Pair, one: Step): void {
  switch (one.kind) {
    case 'send':
      pair.at(one.name).send();
      return;
    case 'restart':
      return pair.restart(one.name);
    case 'disconnect':
      return pair.at(one.name).disconnect();
    case 'cut':
      return pair.world.cut(one.name, OTHER[one.name]);
    case 'heal':
      return pair.world.heal();
    case 'wait':
      return pair.world.advance(one.ms);
  }
}

/** The first one may find a connection that is over; its loss is told, so it is sent again. */
function getsThrough(pair: Pair, who: Name): boolean {
  for (let attempt = 0; attempt < 3; attempt++) {
    const { number, life } = pair.at(who).send();
    pair.world.advance(1_500);
    if (pair.at(OTHER[who]).numbers(life).includes(number)) return true;
  }
  return false;
}

function checkLaws(t: ExecutionContext, pair: Pair): void {
  for (const who of NAMES) {
    for (const receiver of pair.lives[who]) checkReceived(t, receiver);
    checkEpochs(t, pair.lives[who]);
  }
}

function checkReceived(t: ExecutionContext, { log }: Node): void {
  let last: Message | undefined;
  let wasLost = false;
  for (const entry of log) {
    if (entry.kind === 'lost') {
      wasLost = true;
      continue;
    }
    if (last !== undefined) {
      t.true(entry.life >= last.life, 'No message of an earlier life comes after one of a later');
      if (entry.life === last.life) {
        t.true(entry.number > last.number, 'Messages come in order, and once');
        const isNext = entry.number === last.number + 1;
        t.true(isNext || wasLost, 'A gap is preceded by the loss of the connection');
      }
    }
    last = entry;
    wasLost = false;
  }
}

/** What did not arrive was followed by the loss of its connection. */
function checkSent(t: ExecutionContext, sender: Node, receivers: readonly Node[]): void {
  const arrived = new Set(receivers.flatMap((receiver) => receiver.numbers(sender.life)));
  for (const { number, epoch } of sender.sent) {
    t.true(arrived.has(number) || sender.lost > epoch, 'Nothing disappears in silence');
  }
}

/** What was sent into one connection reaches one life of the receiver only. */
function checkEpochs(t: ExecutionContext, lives: readonly Node[]): void {
  const reached = new Map<string, number>();
  for (const receiver of lives) {
    for (const { life, epoch } of receiver.messages) {
      const before = reached.get(`${life}/${epoch}`) ?? receiver.life;
      t.is(before, receiver.life, 'A connection leads to one life of a host');
      reached.set(`${life}/${epoch}`, receiver.life);
    }
  }
}

function encode({ life, number, epoch }: Message): Uint8Array {
  return Uint8Array.of(life, number >> 8, number & 255, epoch);
}

function decode([life = 0, high = 0, low = 0, epoch = 0]: Uint8Array): Message {
  return { life, number: high * 256 + low, epoch };
}

function upTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
