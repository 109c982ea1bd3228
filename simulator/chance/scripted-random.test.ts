// A script decides its own streams and no other; what was recorded from a seed and played back
// without it gives the same draws.

import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import type { Random } from '../../engine/environment/random.ts';
import { SeededRandom } from '../random.ts';
import { type Draw, isAmong, scriptedRandom, SEEDED } from './scripted-random.ts';

const SEED = '00000000000000a7';
const seeded = (): Random => new SeededRandom(SEED);

function draws(random: Random, count: number): readonly number[] {
  return Array.from({ length: count }, () => random.below(1_000));
}

test('without a script everything follows from the seed', (t) => {
  const scripted = scriptedRandom(seeded(), SEEDED);
  const [left, right] = [scripted.fork('a').fork('b/c'), seeded().fork('a').fork('b/c')];
  t.deepEqual(draws(left, 50), draws(right, 50));
  t.is(left.fraction(), right.fraction());
  t.is(left.chance(0.5), right.chance(0.5));
});

test('a quiet stream gives the least, at and below its name, and leaves the others alone', (t) => {
  const quiet = scriptedRandom(seeded(), { quiet: ['network'], draws: new Map() });
  t.deepEqual(draws(quiet.fork('network').fork('link/a/b'), 5), [0, 0, 0, 0, 0]);
  t.false(quiet.fork('network').chance(0.999));
  t.is(quiet.fork('network').fraction(), 0);
  t.deepEqual(draws(quiet.fork('networks'), 20), draws(seeded().fork('networks'), 20));
  t.true(isAmong(['a/b'], 'a/b/c'));
  t.false(isAmong(['a/b'], 'a/bc'));
});

test('a scripted draw that the limit does not allow is the greatest that it does', (t) => {
  const script = { quiet: ['x'], draws: new Map([['x', new Map([[1, 9]])]]) };
  const random = scriptedRandom(seeded(), script).fork('x');
  t.deepEqual([random.below(4), random.below(4), random.below(4)], [0, 3, 0]);
});

testProp(
  'what was recorded is played back without the seed',
  [fc.array(fc.integer({ min: 1, max: 1_000 }), { maxLength: 40 })],
  (t, limits) => {
    const told: Draw[] = [];
    const original = scriptedRandom(seeded(), SEEDED, (draw) => told.push(draw)).fork('disk');
    const drawn = limits.map((limit) => original.below(limit));
    t.deepEqual(
      told.map(({ stream, index, value }) => [stream, index, value]),
      drawn.map((value, index) => ['disk', index, value]),
    );
    const recorded = new Map(told.map(({ index, value }) => [index, value]));
    const script = { quiet: ['disk'], draws: new Map([['disk', recorded]]) };
    const other = scriptedRandom(new SeededRandom('ffffffffffffffff'), script).fork('disk');
    t.deepEqual(
      limits.map((limit) => other.below(limit)),
      drawn,
    );
  },
);
