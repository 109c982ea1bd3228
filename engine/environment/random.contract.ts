// What every Random must do, whatever its generator. `open` gives the stream of a seed; the same
// seed must give the same stream.

import test from 'ava';

import type { Random } from './random.ts';

export function randomContract(name: string, open: (seed: string) => Random): void {
  drawContract(name, open);

  test(`${name}: the same seed draws the same`, (t) => {
    t.deepEqual(draws(open('seed'), 100), draws(open('seed'), 100));
    t.notDeepEqual(draws(open('seed'), 100), draws(open('other seed'), 100));
  });

  test(`${name}: fork() depends on seed and label, not on what was drawn`, (t) => {
    const parent = open('seed');
    const early = draws(parent.fork('network'), 20);
    draws(parent, 7);
    t.deepEqual(draws(parent.fork('network'), 20), early);
    t.notDeepEqual(draws(parent.fork('disk'), 20), early);
    t.notDeepEqual(draws(parent, 20), early);
  });

  test(`${name}: drawing from a fork leaves its parent alone`, (t) => {
    const untouched = draws(open('seed'), 20);
    const parent = open('seed');
    draws(parent.fork('network'), 50);
    t.deepEqual(draws(parent, 20), untouched);
  });

  test(`${name}: fork() keeps the borders of labels`, (t) => {
    const joined = draws(open('seed').fork('a/b'), 20);
    t.notDeepEqual(draws(open('seed').fork('a').fork('b'), 20), joined);
  });

  test(`${name}: streams of similar seeds are not linear combinations of each other`, (t) => {
    const words = ['s0a', 's0b', 's1a', 's1b'].map((seed) => open(seed).below(2 ** 32));
    t.not(
      words.reduce((left, right) => left ^ right),
      0,
    );
  });
}

function drawContract(name: string, open: (seed: string) => Random): void {
  test(`${name}: below() stays in range and reaches all of it evenly`, (t) => {
    const random = open('dice');
    const counts = Array.from({ length: 6 }, () => 0);
    for (let roll = 0; roll < 60_000; roll++) {
      const face = random.below(6);
      counts[face] = (counts[face] ?? 0) + 1;
    }
    t.is(counts.length, 6);
    // Six standard deviations: a fair die fails this once in a billion sweeps.
    for (const count of counts) t.true(Math.abs(count - 10_000) < 550, String(counts));
  });

  test(`${name}: below() takes limits from 1 to 2^32 and no other`, (t) => {
    const random = open('limits');
    t.is(random.below(1), 0);
    const large = draws(random, 100, 2 ** 32);
    t.true(large.every((draw) => Number.isInteger(draw) && draw >= 0 && draw < 2 ** 32));
    t.true(large.some((draw) => draw >= 2 ** 31));
    for (const limit of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN]) t.throws(() => random.below(limit));
  });

  test(`${name}: fraction() lies in [0, 1)`, (t) => {
    const random = open('fractions');
    const fractions = Array.from({ length: 1_000 }, () => random.fraction());
    t.true(fractions.every((fraction) => fraction >= 0 && fraction < 1));
    const mean = fractions.reduce((sum, fraction) => sum + fraction, 0) / 1_000;
    t.true(Math.abs(mean - 0.5) < 0.06, String(mean));
  });

  test(`${name}: chance() is certain at 0 and 1 and draws exactly once`, (t) => {
    const random = open('chances');
    for (let trial = 0; trial < 100; trial++) {
      t.false(random.chance(0));
      t.true(random.chance(1));
    }
    const left = open('once');
    const right = open('once');
    left.chance(0.3);
    right.chance(1);
    t.is(left.below(1_000_000), right.below(1_000_000));
  });
}

function draws(random: Random, count: number, limit = 1_000_000): number[] {
  return Array.from({ length: count }, () => random.below(limit));
}
