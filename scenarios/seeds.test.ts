// Seeds are read in every way they are written, and the seed of a run is the same for ever.

import test from 'ava';
import fc from 'fast-check';
import { caseIdOf, formatRunId, parseRunId, parseSeed, runSeedOf } from './seeds.ts';

const seed = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
const hex = seed.map((value) => value.toString(16).padStart(16, '0'));

test('parseSeed() reads sixteen hexadecimal digits as they are', (t) => {
  t.notThrows(() => fc.assert(fc.property(hex, (text) => parseSeed(text) === text)));
  t.is(parseSeed('4C1E7F2D9A03B6E1'), '4c1e7f2d9a03b6e1');
});

test('parseSeed() reads decimals of any length but sixteen, up to 64 bits', (t) => {
  t.is(parseSeed('0'), '0000000000000000');
  t.is(parseSeed('12'), '000000000000000c');
  t.is(parseSeed('18446744073709551615'), 'ffffffffffffffff');
  t.is(parseSeed('18446744073709551616'), undefined);
  t.is(parseSeed('1234567890123456'), '1234567890123456');
});

test('parseSeed() takes the first half of a git commit and refuses the rest', (t) => {
  t.is(parseSeed('4c1e7f2d9a03b6e1aaaaaaaaaaaaaaaaaaaaaaaa'), '4c1e7f2d9a03b6e1');
  for (const text of ['', 'abc', '-1', '1.5', 'latest', '4c1e7f2', 'a'.repeat(39)]) {
    t.is(parseSeed(text), undefined, text);
  }
});

test('runSeedOf() never changes: these were computed once', (t) => {
  t.is(runSeedOf('0000000000000000', 'failover/keyed-count@fs', 0), VECTORS[0]);
  t.is(runSeedOf('0000000000000000', 'failover/keyed-count@fs', 1), VECTORS[1]);
  t.is(runSeedOf('4c1e7f2d9a03b6e1', 'failover/keyed-count@memory', 199), VECTORS[2]);
});

const VECTORS = ['c0923e2c23df4402', '8ec77c22ce52e0ba', '9a095998c4c45a6c'] as const;

test('runSeedOf() gives 64 bits, and never one seed to two runs of a nightly sweep', (t) => {
  const seeds = new Set<string>();
  for (const backend of ['memory', 'fs']) {
    for (let index = 0; index < 50_000; index += 1) {
      seeds.add(runSeedOf('00000000000000ff', caseIdOf('failover/keyed-count', backend), index));
    }
  }
  t.is(seeds.size, 100_000);
  t.true([...seeds].every((text) => /^[0-9a-f]{16}$/.test(text)));
});

test('parseRunId() undoes formatRunId()', (t) => {
  const name = fc.constantFrom('failover/keyed-count', 'a', 'sink/two-phase-commit/x-1');
  const id = fc.record({ scenario: name, backend: fc.constantFrom('memory', 'fs'), seed: hex });
  const law = fc.property(id, (run) => {
    const parsed = parseRunId(formatRunId(run));
    return JSON.stringify(parsed) === JSON.stringify(run);
  });
  t.notThrows(() => fc.assert(law));
  for (const text of ['a@b', 'a#12', 'a@b#', 'a@b#xyz', 'a b@c#12', '@b#12']) {
    t.is(parseRunId(text), undefined, text);
  }
});
