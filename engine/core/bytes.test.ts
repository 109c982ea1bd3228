// Bytes are equal where every one is, and pieces put together are the whole.

import test from 'ava';
import fc from 'fast-check';

import { areEqualBytes, joinBytes } from './bytes.ts';

const bytes = fc.uint8Array({ maxLength: 20 });

test('bytes are equal exactly where their contents are', (t) => {
  const property = fc.property(bytes, bytes, (left, right) => {
    t.true(areEqualBytes(left, left.slice()));
    t.is(areEqualBytes(left, right), left.join() === right.join());
  });
  fc.assert(property);
});

test('pieces put together are the whole, in order, and a copy', (t) => {
  const property = fc.property(fc.array(bytes, { maxLength: 5 }), (pieces) => {
    const whole = joinBytes(pieces);
    t.deepEqual(
      [...whole],
      pieces.flatMap((piece) => [...piece]),
    );
    whole.fill(1);
    t.deepEqual(joinBytes(pieces).length, whole.length);
  });
  fc.assert(property);
  const only = Uint8Array.of(7);
  joinBytes([only])[0] = 8;
  t.is(only[0], 7);
});
