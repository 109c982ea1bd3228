// Rules that shape links.

import test from 'ava';
import { address } from '../engine/environment/network.ts';
import { clogged, onlyFor, slow } from './link-rules.ts';
import type { Packet } from './network-rules.ts';

const packet: Packet = { from: address('a'), to: address('b'), sizeBytes: 3, atMs: 10 };

test('onlyFor() leaves other messages alone', (t) => {
  const rule = onlyFor(({ to }) => to === 'b', slow(9));
  t.deepEqual(rule(packet), { kind: 'slow', byMs: 9 });
  t.deepEqual(rule({ ...packet, to: address('c') }), { kind: 'pass' });
});

test('clogged() holds a message until its end, and none after it', (t) => {
  t.deepEqual(clogged(25)(packet), { kind: 'slow', byMs: 15 });
  t.deepEqual(clogged(5)(packet), { kind: 'slow', byMs: 0 });
});
