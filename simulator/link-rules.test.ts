// Rules that shape links.

import test from 'ava';
import { address } from '../engine/environment/network.ts';
import { clogged, onlyFor, overflowing, readSlowly, slow } from './link-rules.ts';
import type { Packet } from './network-rules.ts';

const packet: Packet = {
  from: address('a'),
  to: address('b'),
  bytes: Uint8Array.of(1, 2, 3),
  isSegment: false,
  atMs: 10,
};

test('onlyFor() leaves other messages alone', (t) => {
  const rule = onlyFor(({ to }) => to === 'b', slow(9));
  t.deepEqual(rule(packet), { kind: 'slow', byMs: 9 });
  t.deepEqual(rule({ ...packet, to: address('c') }), { kind: 'pass' });
});

test('clogged() holds a message until its end, and none after it', (t) => {
  t.deepEqual(clogged(25)(packet), { kind: 'slow', byMs: 15 });
  t.deepEqual(clogged(5)(packet), { kind: 'slow', byMs: 0 });
});

test('readSlowly() queues messages up, and catches up when none come', (t) => {
  const rule = readSlowly(10);
  const at = (atMs: number) => rule({ ...packet, atMs });
  t.deepEqual(at(0), { kind: 'slow', byMs: 10 });
  t.deepEqual(at(1), { kind: 'slow', byMs: 19 });
  t.deepEqual(at(100), { kind: 'slow', byMs: 10 });
});

test('overflowing() drops what finds no room, and has room again once it has drained', (t) => {
  const rule = overflowing(2, 10);
  const kinds = (...times: readonly number[]) =>
    times.map((atMs) => rule({ ...packet, atMs }).kind);
  t.deepEqual(kinds(0, 1, 2), ['pass', 'pass', 'drop']);
  t.deepEqual(kinds(11, 12), ['pass', 'drop']);
  t.deepEqual(kinds(500, 501, 502), ['pass', 'pass', 'drop']);
});
