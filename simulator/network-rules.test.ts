// Rules: how often they strike, and that each draws from its own stream only.

import test from 'ava';
import { address } from '../engine/environment/network.ts';
import { altering, duplicating, lossy, type Packet, reordering } from './network-rules.ts';
import { SeededRandom } from './random.ts';

const packet: Packet = {
  from: address('a'),
  to: address('b'),
  bytes: Uint8Array.of(1, 2, 3),
  isSegment: false,
  atMs: 0,
};
const random = new SeededRandom('00000000000000e7');

function share(kind: string, rule: (packet: Packet) => { readonly kind: string }): number {
  let hits = 0;
  for (let index = 0; index < 4_000; index += 1) if (rule(packet).kind === kind) hits += 1;
  return hits / 4_000;
}

test('rules strike one message in oneIn', (t) => {
  const about = (value: number) => value > 0.17 && value < 0.23;
  t.true(about(share('drop', lossy(random, 5))));
  t.true(about(share('duplicate', duplicating(random, 5, 10))));
  t.true(about(share('delay', reordering(random, 5, 10))));
  t.is(share('drop', lossy(random, 1)), 1);
});

test('rules of one stream do not disturb each other', (t) => {
  const alone = lossy(random, 3);
  const expected = Array.from({ length: 50 }, () => alone(packet).kind);
  const [mixed, other] = [lossy(random, 3), duplicating(random, 3, 5)];
  const seen = expected.map(() => {
    other(packet);
    return mixed(packet).kind;
  });
  t.deepEqual(seen, expected);
});

test('delays stay in their bounds', (t) => {
  const late = reordering(random, 1, 7);
  const copied = duplicating(random, 1, 7);
  for (let index = 0; index < 200; index += 1) {
    const [delay, copy] = [late(packet), copied(packet)];
    t.true(delay.kind === 'delay' && delay.byMs >= 1 && delay.byMs <= 7);
    t.true(copy.kind === 'duplicate' && copy.afterMs >= 0 && copy.afterMs <= 7);
  }
});

test('altering() turns bits of the message over, none twice, and spares no segment', (t) => {
  const rule = altering(random, 1);
  for (let index = 0; index < 500; index += 1) {
    const verdict = rule(packet);
    if (verdict.kind !== 'alter') return t.fail(verdict.kind);
    t.true(verdict.bits.length >= 1 && verdict.bits.every((bit) => bit >= 0 && bit < 24));
    t.is(new Set(verdict.bits).size, verdict.bits.length);
  }
  t.is(rule({ ...packet, isSegment: true }).kind, 'drop');
  t.is(rule({ ...packet, bytes: new Uint8Array(0) }).kind, 'pass');
  return undefined;
});
