// Hashes must not depend on how bytes are laid out in memory, and must tell small changes apart.

import test from 'ava';
import fc from 'fast-check';
import { hashBytes, hashText, hexOf, mixInt } from './hash.ts';

test('hashBytes() depends on the bytes alone, not on where they lie in a buffer', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), fc.nat({ max: 7 }), (bytes, offset) => {
      const shifted = new Uint8Array(bytes.length + offset);
      shifted.set(bytes, offset);
      return hashBytes(bytes) === hashBytes(shifted.subarray(offset));
    }),
  );
  t.pass();
});

test('hashBytes() changes with each single bit', (t) => {
  const bytes = new Uint8Array(23).fill(0x5a);
  const hashes = new Set([hashBytes(bytes)]);
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const changed = bytes.slice();
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    hashes.add(hashBytes(changed));
  }
  t.is(hashes.size, 1 + bytes.length * 8);
});

test('hashBytes() tells lengths of zeros apart', (t) => {
  const hashes = new Set(Array.from({ length: 64 }, (_, size) => hashBytes(new Uint8Array(size))));
  t.is(hashes.size, 64);
});

test('hashText() does not collide on ten thousand similar labels', (t) => {
  const hashes = new Set(Array.from({ length: 10_000 }, (_, index) => hashText(`tm-${index}`)));
  t.is(hashes.size, 10_000);
});

test('hexOf() writes 16 digits, with leading zeros and for negative lanes', (t) => {
  t.is(hexOf(1, -1), '00000001ffffffff');
});

test('mixInt() depends on the order of what it mixes', (t) => {
  t.not(mixInt(mixInt(7, 1), 2), mixInt(mixInt(7, 2), 1));
});
