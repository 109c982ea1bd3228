// The laws of random streams: independence, replay, fairness, and no pattern that repeats over the
// seeds of a sweep.

import test from 'ava';
import fc from 'fast-check';
import { isSeed, SeededRandom } from './random.ts';

const seeds = fc
  .bigInt({ min: 0n, max: 2n ** 64n - 1n })
  .map((value) => value.toString(16).padStart(16, '0'));
const labels = fc.string({ minLength: 1, maxLength: 12 });

function drawsOf(random: SeededRandom, count = 8): readonly number[] {
  return Array.from({ length: count }, () => random.below(1_000_000));
}

test('fork() gives the same draws for the same label, however much was drawn before', (t) => {
  fc.assert(
    fc.property(seeds, labels, fc.nat({ max: 20 }), (seed, label, drawn) => {
      const random = new SeededRandom(seed);
      const before = drawsOf(random.fork(label));
      drawsOf(random, drawn);
      t.deepEqual(drawsOf(random.fork(label)), before);
    }),
  );
});

test('fork() gives streams that do not disturb each other', (t) => {
  fc.assert(
    fc.property(seeds, fc.array(fc.boolean(), { maxLength: 20 }), (seed, turns) => {
      const alone = drawsOf(new SeededRandom(seed).fork('left'));
      const root = new SeededRandom(seed);
      const [left, right] = [root.fork('left'), root.fork('right')];
      const mixed: number[] = [];
      for (const isLeft of [...turns, ...alone.map(() => true)]) {
        if (!isLeft) right.below(7);
        else if (mixed.length < alone.length) mixed.push(left.below(1_000_000));
      }
      t.deepEqual(mixed, alone);
    }),
  );
});

test('fork() gives different streams for different labels and different seeds', (t) => {
  fc.assert(
    fc.property(seeds, labels, labels, (seed, one, other) => {
      fc.pre(one !== other);
      const random = new SeededRandom(seed);
      t.notDeepEqual(drawsOf(random.fork(one)), drawsOf(random.fork(other)));
    }),
  );
});

test('the coins of two sibling streams are unrelated over the seeds of a sweep', (t) => {
  // xor128 alone fails this: the XOR of two streams would be the same for every seed.
  const counts = [0, 0, 0, 0];
  for (let index = 0; index < 4_000; index += 1) {
    const random = new SeededRandom(index.toString(16).padStart(16, '0'));
    const first = random.fork('fault/loss').chance(0.5) ? 1 : 0;
    const second = random.fork('fault/crash').chance(0.5) ? 2 : 0;
    counts[first + second] = (counts[first + second] ?? 0) + 1;
  }
  // Five standard deviations around 1,000.
  for (const count of counts) t.true(count > 860 && count < 1_140, counts.join(' '));
});

test('below() is uniform: chi-squared over 10 classes stays below the 0.1 % limit', (t) => {
  for (const seed of ['0000000000000000', 'ffffffffffffffff', '9f3c21aa04d7be10']) {
    const random = new SeededRandom(seed);
    const counts = Array.from({ length: 10 }, () => 0);
    for (let index = 0; index < 20_000; index += 1) {
      const drawn = random.below(10);
      counts[drawn] = (counts[drawn] ?? 0) + 1;
    }
    const chiSquared = counts.reduce((sum, count) => sum + (count - 2_000) ** 2 / 2_000, 0);
    t.true(chiSquared < 27.9, `${seed}: ${chiSquared}`);
  }
});

test('below() is unbiased where a plain remainder would not be', (t) => {
  // 3 * 2^30 does not divide 2^32: without rejection the lowest third would come up twice as often.
  const limit = 3 * 2 ** 30;
  const random = new SeededRandom('0123456789abcdef');
  let low = 0;
  for (let index = 0; index < 9_000; index += 1) if (random.below(limit) < limit / 3) low += 1;
  t.true(low > 2_800 && low < 3_200, String(low));
});

test('below() stays inside its limit, up to 2^32, and refuses other limits', (t) => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 2 ** 32 }), (seed, limit) => {
      const drawn = new SeededRandom(seed).below(limit);
      return Number.isInteger(drawn) && drawn >= 0 && drawn < limit;
    }),
  );
  const random = new SeededRandom('0123456789abcdef');
  for (const limit of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN]) {
    t.throws(() => random.below(limit), { name: 'InvariantViolation' });
  }
});

test('fraction() is in [0, 1) and chance() draws exactly once', (t) => {
  fc.assert(
    fc.property(seeds, fc.double({ min: 0, max: 1, noNaN: true }), (seed, probability) => {
      const [one, other] = [new SeededRandom(seed), new SeededRandom(seed)];
      const fraction = one.fraction();
      t.true(fraction >= 0 && fraction < 1);
      t.is(other.chance(probability), fraction < probability);
      t.is(one.below(1_000), other.below(1_000));
    }),
  );
});

test('isSeed() accepts 16 lower-case hexadecimal digits only', (t) => {
  t.true(isSeed('9f3c21aa04d7be10'));
  for (const text of ['', '9f3c21aa04d7be1', '9F3C21AA04D7BE10', '9f3c21aa04d7be100']) {
    t.false(isSeed(text));
  }
});
