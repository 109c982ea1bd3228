// Laws of CollectionSource and GeneratorSource: the source contract, order, pacing and generators.

import test from 'ava';
import fc from 'fast-check';

import { OnceproofError } from '../core/errors.ts';
import { SeededRandom } from '../environment/seeded-random.ts';
import { CollectionSource } from './collection-source.ts';
import { randomChoice, randomFraction, randomInteger, sequence } from './datagen.ts';
import { GeneratorSource } from './generator-source.ts';
import { RateLimiter } from './rate-limiter.ts';
import { sourceContract } from './source.contract.ts';
import { InMemoryFileSystem } from './testing/in-memory-filesystem.ts';
import { ManualClock } from './testing/manual-clock.ts';
import { SourceRun } from './testing/source-run.ts';

const NUMBERS = Array.from({ length: 17 }, (_, index) => index);
const idOf = (value: number): number => value;
const filesystem = new InMemoryFileSystem();

for (const splits of [undefined, 1, 5, 40]) {
  const options = splits === undefined ? {} : { splits };
  sourceContract(`CollectionSource of ${splits ?? 'as many as subtasks'} splits`, () =>
    Promise.resolve({
      source: new CollectionSource({ elements: NUMBERS, ...options }),
      filesystem,
      idOf,
      expected: NUMBERS,
    }),
  );
}
sourceContract('GeneratorSource with a rate', () =>
  Promise.resolve({
    source: new GeneratorSource({ ...sequence(0, 16), splits: 3, recordsPerSecond: 7 }),
    filesystem,
    idOf,
    expected: NUMBERS,
  }),
);

test('elements of one split keep their order, whatever the limits of the polls', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.nat(30), fc.integer({ min: 1, max: 5 }), async (count, limit) => {
      const elements = NUMBERS.slice(0, count);
      const run = new SourceRun({
        source: new CollectionSource({ elements, splits: 1 }),
        filesystem,
        idOf,
      });
      run.start(1, undefined);
      run.registerAll();
      await run.read(Infinity, limit);
      t.deepEqual(run.emitted, elements);
    }),
  );
});

test('a reader takes from its splits in turn, so records leave in order', async (t) => {
  const source = new CollectionSource({ elements: NUMBERS, splits: 4 });
  const run = new SourceRun({ source, filesystem, idOf });
  run.start(1, undefined);
  run.registerAll();
  await run.readToEnd();
  t.deepEqual(run.emitted, NUMBERS);
});

function readerOf<T>(source: CollectionSource<T>, delays: number[] = []) {
  const reader = source.createReader({
    subtaskIndex: 0,
    parallelism: 1,
    clock: new ManualClock(),
    filesystem,
    random: new SeededRandom('unused'),
    sendSplitRequest: () => {},
    io: () => {},
    wakeUp: () => {},
    schedule: (delayMs) => void delays.push(delayMs),
  });
  reader.addSplits([{ splitId: '0/1', first: 0, step: 1, next: 0 }]);
  reader.start();
  return reader;
}

test('timestamps come from timestampOf, with the index in the input', (t) => {
  const stamps: number[] = [];
  const reader = readerOf(
    new CollectionSource({
      elements: ['a', 'b', 'c'],
      timestampOf: (value, index) => value.charCodeAt(0) * 10 + index,
    }),
  );
  reader.pollNext({ collect: (_value, timestamp) => void stamps.push(timestamp) }, 10);
  t.deepEqual(stamps, [970, 981, 992]);
});

test('a paced reader waits with one timer, however often it is polled', (t) => {
  const delays: number[] = [];
  const reader = readerOf(new CollectionSource({ elements: [1], recordsPerSecond: 4 }), delays);
  for (let poll = 0; poll < 3; poll++) reader.pollNext({ collect: () => t.fail() }, 10);
  t.deepEqual(delays, [250]);
});

test('a paced reader has emitted floor(elapsed * rate / 1000) records at any moment', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.array(fc.integer({ min: 0, max: 900 }), { maxLength: 20 }),
      (rate, steps) => {
        const source = new GeneratorSource({ ...sequence(0, 1e9), recordsPerSecond: rate });
        const run = new SourceRun({ source, filesystem, idOf });
        run.start(1, undefined);
        run.registerAll();
        let elapsed = 0;
        for (const step of steps) {
          run.clock.advance(step);
          elapsed += step;
          run.poll(0, 1e9);
          if (run.emitted.length !== Math.floor((elapsed * rate) / 1000)) return false;
        }
        return true;
      },
    ),
  );
  t.pass();
});

test('a rate limiter never lets more through than its rate and one second of savings', (t) => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 10_000, noNaN: true }),
      fc.array(fc.nat(20_000), { maxLength: 30 }),
      (rate, steps) => {
        const limiter = new RateLimiter(rate, 500);
        let now = 500;
        for (const step of steps) {
          now += step;
          const allowed = limiter.available(now, Infinity);
          if (allowed < 0 || allowed > Math.max(1, rate)) return false;
          limiter.use(allowed);
          if (limiter.available(now + limiter.delayMs(now), 1) !== 1) return false;
        }
        return true;
      },
    ),
  );
  t.pass();
});

test('a reader that was held back for long does not make up for it at once', (t) => {
  const source = new GeneratorSource({ ...sequence(0, 1e6), recordsPerSecond: 10 });
  const run = new SourceRun({ source, filesystem, idOf });
  run.start(1, undefined);
  run.registerAll();
  run.clock.advance(60_000);
  t.is(run.poll(0, 1e6), 'nothing-available');
  t.is(run.emitted.length, 10);
});

test('an unbounded generator is told apart and never ends', (t) => {
  const source = new GeneratorSource({ count: Infinity, generate: (index) => index });
  t.is(source.boundedness, 'continuous-unbounded');
  const run = new SourceRun({ source, filesystem, idOf });
  run.start(1, undefined);
  run.registerAll();
  t.is(run.poll(0, 1000), 'more-available');
  t.is(run.emitted.length, 1000);
});

test('generators give the same for the same index, in any order, and stay in range', (t) => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.maxSafeNat(),
      fc.integer(),
      fc.nat(1000),
      (seed, index, min, span) => {
        const integer = randomInteger(seed, min, min + span);
        const value = integer(index);
        t.true(value >= min && value <= min + span && Number.isInteger(value));
        t.is(integer(index), value);
        t.true(randomFraction(seed)(index) < 1);
        t.true(['a', 'b'].includes(randomChoice(seed, ['a', 'b'])(index)));
      },
    ),
  );
  const counts = new Map<number, number>();
  for (let index = 0; index < 6000; index++) {
    const die = randomInteger(7, 1, 6)(index);
    counts.set(die, (counts.get(die) ?? 0) + 1);
  }
  for (const count of counts.values()) t.true(Math.abs(count - 1000) < 150, `${count}`);
  const far = randomInteger(7, 0, 1e6);
  t.not(far(5), far(5 + 2 ** 32), 'the upper half of an index counts');
});

test('a wrong option is refused with its remedy', (t) => {
  const wrong = [
    () => new GeneratorSource({ count: -1, generate: idOf }),
    () => new GeneratorSource({ count: 1, generate: idOf, splits: 0 }),
    () => new CollectionSource({ elements: [1], recordsPerSecond: 0 }),
    () => randomInteger(1, 5, 4),
    () => randomChoice(1, []),
  ];
  for (const make of wrong) {
    const error = t.throws(make, { instanceOf: OnceproofError });
    t.is(error?.code, 'OP-E302');
    t.truthy(error?.remedy);
  }
});
