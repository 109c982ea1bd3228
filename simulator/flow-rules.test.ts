// Rules that know connections.

import test from 'ava';
import { address } from '../engine/environment/network.ts';
import { forgetful } from './flow-rules.ts';
import type { Packet } from './network-rules.ts';

const packet: Packet = {
  from: address('a'),
  to: address('b'),
  bytes: Uint8Array.of(1, 2, 3),
  isSegment: false,
  atMs: 10,
};

test('forgetful() drops what is of an older connection, and nothing else', (t) => {
  const flows = new Map([
    [1, { names: ['old'], opens: false }],
    [2, { names: ['new'], opens: true }],
    [3, { names: ['new', 'answer'], opens: true }],
    [4, { names: ['answer'], opens: false }],
  ]);
  const rule = forgetful(({ bytes }) => flows.get(bytes[0] ?? 0));
  const kinds = [1, 4, 2, 3, 4, 1, 9].map(
    (first) => rule({ ...packet, bytes: Uint8Array.of(first) }).kind,
  );
  t.deepEqual(kinds, ['drop', 'drop', 'pass', 'pass', 'pass', 'drop', 'pass']);
});
