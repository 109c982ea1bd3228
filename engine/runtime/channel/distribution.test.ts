// Who is connected to whom: both ends must give the same answer.

import test from 'ava';
import fc from 'fast-check';

import { consumersOf, producersOf } from './distribution.ts';

const KINDS = ['rebalance', 'rescale', 'broadcast', 'global', 'hash'] as const;
const count = fc.integer({ min: 1, max: 12 });

test('producersOf() is the inverse of consumersOf()', (t) => {
  fc.assert(
    fc.property(fc.constantFrom(...KINDS), count, count, (kind, producers, consumers) => {
      const sides = { producers, consumers };
      for (let producer = 0; producer < producers; producer++) {
        for (let consumer = 0; consumer < consumers; consumer++) {
          t.is(
            consumersOf(kind, producer, sides).includes(consumer),
            producersOf(kind, consumer, sides).includes(producer),
          );
        }
      }
    }),
  );
});

test('rescale connects everybody, and as few as can be, evenly', (t) => {
  fc.assert(
    fc.property(count, count, (producers, consumers) => {
      const sides = { producers, consumers };
      const served = range(producers).map((producer) => consumersOf('rescale', producer, sides));
      t.deepEqual(
        [...new Set(served.flat())].sort((a, b) => a - b),
        range(consumers),
      );
      const links = served.reduce((sum, { length }) => sum + length, 0);
      t.is(links, Math.max(producers, consumers));
      const most = Math.max(...served.map(({ length }) => length));
      t.true(most <= Math.ceil(consumers / producers));
    }),
  );
});

test('forward connects equals and refuses anything else', (t) => {
  t.deepEqual(consumersOf('forward', 2, { producers: 3, consumers: 3 }), [2]);
  t.throws(() => consumersOf('forward', 0, { producers: 2, consumers: 3 }), {
    message: /from 2 to 3/,
  });
});

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => index);
}
