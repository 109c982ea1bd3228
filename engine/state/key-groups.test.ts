// Key groups: vectors computed by running Flink's own code, and the laws behind them.

import test from 'ava';
import fc from 'fast-check';

import { OnceproofError } from '../core/errors.ts';
import {
  defaultMaxParallelism,
  keyGroupOf,
  keyGroupRangeOf,
  operatorIndexOf,
} from './key-groups.ts';
import { keyOfLookup, lookupKeyOf } from './lookup-key.ts';

const MAXIMA = [4, 10, 128, 256, 4096, 32768];

test('keyGroupOf() puts keys where Flink puts them', (t) => {
  const vectors: readonly (readonly [unknown, readonly number[]])[] = [
    ['', [2, 4, 94, 222, 2526, 31198]],
    ['a', [1, 1, 81, 209, 3025, 19409]],
    ['b', [2, 8, 22, 150, 1174, 29846]],
    ['hello', [3, 9, 35, 163, 2723, 31395]],
    ['key-0', [3, 9, 31, 159, 2975, 19359]],
    ['key-1', [2, 4, 54, 54, 2614, 23094]],
    ['key-3', [0, 0, 20, 148, 3220, 11412]],
    ['user-1', [1, 3, 121, 121, 1657, 13945]],
    ['flink', [2, 4, 98, 226, 226, 16610]],
    ['日本', [3, 3, 95, 95, 2655, 10847]],
    [0, [2, 4, 94, 222, 2526, 31198]],
    [1, [2, 8, 86, 214, 4054, 16342]],
    [2, [3, 3, 127, 127, 2943, 15231]],
    [42, [1, 5, 29, 29, 3613, 28189]],
    [100, [0, 8, 64, 64, 576, 21056]],
    [42n, [1, 5, 29, 29, 3613, 28189]],
    [-1n, [2, 4, 94, 222, 2526, 31198]],
    [9223372036854775807n, [0, 2, 108, 108, 2156, 10348]],
    [true, [1, 5, 77, 205, 3533, 11725]],
  ];
  for (const [key, groups] of vectors) {
    t.deepEqual(
      MAXIMA.map((maximum) => keyGroupOf(key, maximum)),
      [...groups],
      String(key),
    );
  }
});

test("operatorIndexOf() is Flink's", (t) => {
  const indexes = (group: number) => [2, 3, 4].map((p) => operatorIndexOf(group, p, 128));
  t.deepEqual(indexes(94), [1, 2, 2]);
  t.deepEqual(indexes(22), [0, 0, 0]);
  t.deepEqual(indexes(121), [1, 2, 3]);
  t.is(operatorIndexOf(8, 3, 10), 2);
});

test("keyGroupRangeOf() gives Flink's ranges", (t) => {
  const ranges = (maxParallelism: number, parallelism: number) =>
    Array.from({ length: parallelism }, (_, subtaskIndex) => {
      const { first, last } = keyGroupRangeOf({ subtaskIndex, parallelism, maxParallelism });
      return `${first}-${last}`;
    }).join(' ');
  t.is(ranges(10, 3), '0-3 4-6 7-9');
  t.is(ranges(10, 4), '0-2 3-4 5-7 8-9');
  t.is(ranges(128, 3), '0-42 43-85 86-127');
  t.is(ranges(128, 5), '0-25 26-51 52-76 77-102 103-127');
  t.is(ranges(128, 7), '0-18 19-36 37-54 55-73 74-91 92-109 110-127');
  t.is(ranges(7, 5), '0-1 2-2 3-4 5-5 6-6');
  t.is(ranges(100, 7), '0-14 15-28 29-42 43-57 58-71 72-85 86-99');
  t.is(ranges(32768, 3), '0-10922 10923-21845 21846-32767');
});

test('every key group is owned by exactly the subtask that operatorIndexOf() names', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 32768 }), fc.nat(), fc.nat(), (maximum, p, group) => {
      const parallelism = 1 + (p % Math.min(maximum, 300));
      const keyGroup = group % maximum;
      const owner = operatorIndexOf(keyGroup, parallelism, maximum);
      const range = keyGroupRangeOf({ subtaskIndex: owner, parallelism, maxParallelism: maximum });
      return range.first <= keyGroup && keyGroup <= range.last;
    }),
  );
  t.pass();
});

test("defaultMaxParallelism() is Flink's", (t) => {
  const vectors = [
    [1, 128],
    [64, 128],
    [85, 128],
    [86, 256],
    [171, 256],
    [172, 512],
    [341, 512],
    [342, 1024],
    [683, 1024],
    [1000, 2048],
    [1365, 2048],
    [1366, 4096],
    [2731, 4096],
    [5461, 8192],
    [5462, 16384],
    [10923, 16384],
    [20000, 32768],
    [32768, 32768],
  ] as const;
  for (const [parallelism, maximum] of vectors) t.is(defaultMaxParallelism(parallelism), maximum);
  t.throws(() => defaultMaxParallelism(0), { message: /Cannot use 0 as parallelism/ });
  t.throws(() => defaultMaxParallelism(32769), { message: /Cannot run 32769 subtasks/ });
});

test('more subtasks than key groups are OP-E310 with a remedy', (t) => {
  const error = t.throws(
    () => keyGroupRangeOf({ subtaskIndex: 0, parallelism: 11, maxParallelism: 10 }),
    { instanceOf: OnceproofError },
  );
  t.is(error?.code, 'OP-E310');
  t.regex(error?.remedy ?? '', /Lower the parallelism to 10/);
});

const key = fc.anything({
  withBigInt: true,
  withMap: true,
  withSet: true,
  values: [
    fc.string(),
    fc.double(),
    fc.integer(),
    fc.bigInt(),
    fc.boolean(),
    fc.constant('\u0000s'),
  ],
});

test('a lookup key leads back to an equal key, and different keys have different ones', (t) => {
  const normal = (value: unknown): unknown => (Object.is(value, -0) ? 0 : value);
  fc.assert(
    fc.property(key, key, (left, right) => {
      const lookup = lookupKeyOf(left);
      const back = keyOfLookup(lookup);
      const isSame = lookupKeyOf(back) === lookup || Number.isNaN(lookup);
      const differs =
        lookup !== lookupKeyOf(right) ||
        fc.stringify(back) === fc.stringify(keyOfLookup(lookupKeyOf(right))) ||
        normal(left) === normal(right);
      return isSame && differs && keyGroupOf(back, 128) === keyGroupOf(left, 128);
    }),
  );
  t.pass();
});

test('the order of properties does not tell keys apart, types do', (t) => {
  t.is(lookupKeyOf({ a: 1, b: [2] }), lookupKeyOf({ b: [2], a: 1 }));
  t.deepEqual(keyOfLookup(lookupKeyOf({ b: [2], a: 1 })), { a: 1, b: [2] });
  t.not(lookupKeyOf(['1']), lookupKeyOf([1]));
  t.not(lookupKeyOf('\u0000c['), lookupKeyOf(['']));
  t.throws(() => lookupKeyOf({ at: () => 1 }), { message: /Cannot use a plain object as a key/ });
});
