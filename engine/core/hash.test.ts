// Vectors of the hashes: computed by running Java and Flink, and the standard check values of
// CRC-32C.

import test from 'ava';
import fc from 'fast-check';

import { crc32c } from './crc32c.ts';
import { bigintHashCode, hashHex, murmurHash, numberHashCode, stringHashCode } from './hash.ts';

test("murmurHash() is Flink's", (t) => {
  const vectors = [
    [0, 593689054],
    [1, 68075478],
    [2, 1085422463],
    [3, 847579505],
    [4, 1889779975],
    [5, 236698494],
    [7, 1343918321],
    [10, 848998979],
    [42, 1134849565],
    [100, 616682048],
    [127, 1931274395],
    [128, 132521001],
    [255, 332370855],
    [256, 1409940790],
    [1000, 3506311],
    [65535, 1986290322],
    [65536, 82754377],
    [1000000, 2127295249],
    [2147483647, 1653689534],
    [-2147483648, 1718298732],
    [-1, 1982413648],
    [-2, 1087594050],
    [-42, 189366624],
    [-2089875627, 0],
  ] as const;
  for (const [code, hash] of vectors) t.is(murmurHash(code), hash, String(code));
});

test("hash codes are Java's", (t) => {
  t.is(stringHashCode(''), 0);
  t.is(stringHashCode('hello'), 99162322);
  t.is(stringHashCode('user-1'), -836031825);
  t.is(stringHashCode('日本'), 835047);
  t.is(numberHashCode(42), 42);
  t.is(numberHashCode(-0), 0);
  t.is(numberHashCode(2 ** 31), -(2 ** 31));
  t.is(numberHashCode(2 ** 32), 1);
  t.is(numberHashCode(1.5), 1073217536);
  t.is(numberHashCode(Number.NaN), 2146959360);
  t.is(bigintHashCode(-1n), 0);
  t.is(bigintHashCode(9223372036854775807n), -2147483648);
  t.is(bigintHashCode(2n ** 64n), 961);
  t.is(bigintHashCode(-(2n ** 64n)), -961);
});

test('hashHex() gives sixteen digits that differ where the texts differ', (t) => {
  const seen = new Set<string>();
  for (let index = 0; index < 20_000; index++) seen.add(hashHex(`operator-${index}`));
  t.is(seen.size, 20_000);
  t.regex(hashHex(''), /^[0-9a-f]{16}$/);
  t.is(hashHex('source'), hashHex('source'));
});

test('crc32c() gives the standard check values', (t) => {
  t.is(crc32c(new TextEncoder().encode('123456789')), 0xe3069283);
  t.is(crc32c(new Uint8Array(32)), 0x8a9136aa);
  t.is(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  t.is(crc32c(Uint8Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e);
  t.is(crc32c(new Uint8Array(0)), 0);
});

test('crc32c() of pieces is crc32c() of the whole', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, draw) => {
      const cut = Math.min(draw, bytes.length);
      return crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut))) === crc32c(bytes);
    }),
  );
  t.pass();
});
