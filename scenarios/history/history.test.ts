// A history that was exported says the same to all checkers as the one it was made from, and both
// its forms are well-formed.

import test from 'ava';
import fc from 'fast-check';
import { macrotask } from '../../simulator/index.ts';
import type { History } from '../checkers/checker.ts';
import { STANDARD_CHECKERS } from '../checkers/index.ts';
import { sameOutput, sameState } from '../checkers/equality-checkers.ts';
import { at, engine, history } from '../checkers/testing/hand-made.ts';
import { simulate } from '../simulate.ts';
import { scenarios } from '../suites/index.ts';
import { exportHistory } from './exported-history.ts';
import { historyFormatOf, historyText } from './history-text.ts';
import { importHistory } from './imported-history.ts';
import { fromPlain, type Plain, toPlain } from './plain-values.ts';
import { readEdn } from './testing/read-edn.ts';
import { toEdn } from './edn.ts';

const CHECKERS = [...STANDARD_CHECKERS, sameOutput, sameState];

function verdicts(given: History) {
  return CHECKERS.map((checker) => ({ name: checker.name, ...checker.check(given) }));
}

async function historyOf(id: string, seed: string): Promise<History> {
  const scenario = scenarios.find((one) => one.id === id);
  if (scenario === undefined) throw new Error(`no scenario ${id}`);
  let found: History | undefined;
  const onHistory = (one: History): void => {
    found = one;
  };
  const able = [...scenario.backends, ...scenario.backendsOnRequest];
  const [backend = 'fs'] = able.filter((one) => one !== 'memory');
  await simulate({ scenario, backend, seed, drain: macrotask, onHistory });
  if (found === undefined) throw new Error('no history');
  return found;
}

/** A run with a part of it taken away, or put in again. */
function spoiled(good: History): readonly History[] {
  const [file, ...files] = good.durableOutput;
  if (file === undefined) throw new Error('no output');
  return [
    { ...good, durableOutput: files },
    { ...good, durableOutput: [file, file, ...files] },
    { ...good, commits: good.commits.map((commit) => ({ ...commit, completedUpTo: 0 })) },
    { ...good, events: good.events.toReversed() },
    { ...good, storage: (good.storage ?? []).filter(({ kind }) => kind !== 'artefact-written') },
    { ...good, checkpointFiles: ['/left'] },
    { ...good, end: { kind: 'stuck', explanation: 'x' } },
  ];
}

for (const id of ['failover/keyed-count', 'windows/session']) {
  test(`checkers say the same of an imported history of ${id}, good or spoiled`, async (t) => {
    const good = await historyOf(id, '0000000000000003');
    for (const one of [good, ...spoiled(good)]) {
      const imported = importHistory(historyText(exportHistory('a run', one), 'json'));
      t.deepEqual(verdicts(imported), verdicts(one));
    }
    t.true(verdicts(good).every(({ verdict }) => verdict === 'valid'));
    t.true(spoiled(good).some((one) => verdicts(one).some(({ verdict }) => verdict === 'invalid')));
  });
}

test('a history that compares two backends keeps both', async (t) => {
  const [id = ''] = scenarios.filter(({ reference }) => reference !== undefined).map((s) => s.id);
  const good = await historyOf(id, '0000000000000001');
  const imported = importHistory(historyText(exportHistory(id, good), 'json'));
  t.not(imported.reference, undefined);
  t.deepEqual(verdicts(imported), verdicts(good));
  const other = { ...good, reference: { ...good, durableOutput: [] } };
  const imported2 = importHistory(historyText(exportHistory(id, other), 'json'));
  t.deepEqual(verdicts(imported2), verdicts(other));
  t.is(sameOutput.check(imported2).verdict, 'invalid');
});

test('EDN says what JSON says, and operations in the form of Jepsen', async (t) => {
  const good = await historyOf('failover/keyed-count', '0000000000000003');
  const exported = exportHistory('a run', good);
  const read = readEdn(historyText(exported, 'edn'));
  t.deepEqual(read, JSON.parse(historyText(exported, 'json')));
  const { operations } = exported;
  t.is(operations.length, 2 * good.records.length + 2);
  t.regex(historyText(exported, 'edn'), /\{:index 0, :process 0, :type :invoke, :f :add, :value "/);
});

function throughJson(value: unknown): unknown {
  const text = JSON.stringify(toPlain(value));
  return fromPlain(JSON.parse(text) as Plain);
}

const values = fc.anything({
  withBigInt: true,
  withMap: true,
  withSet: true,
  withNullPrototype: false,
  withTypedArray: false,
});

test('fromPlain() undoes toPlain() after a way through JSON, whatever the value', (t) => {
  fc.assert(
    fc.property(values, (value) => {
      t.deepEqual(throughJson(value), value);
    }),
  );
  const odd = { $onceproof: 'number', value: '1', bytes: Uint8Array.of(1, 255), none: undefined };
  t.deepEqual(throughJson(odd), odd);
});

test('toEdn() writes what an EDN reader reads, whatever the value', (t) => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const plain = toPlain(value);
      t.deepEqual(readEdn(toEdn(plain)), plain);
    }),
  );
});

test('importHistory() refuses what is no history, or of another version', (t) => {
  for (const text of ['', '[]', '{"format":"x"}']) {
    t.throws(() => importHistory(text), { code: 'OP-E154' });
  }
  const exported = exportHistory('a', history({ events: [at(1, engine.finished)] }));
  t.throws(() => importHistory(JSON.stringify({ ...exported, version: 2 })), { code: 'OP-E154' });
  t.notThrows(() => importHistory(JSON.stringify(exported)));
});

test('historyFormatOf() goes by the end of the name', (t) => {
  t.is(historyFormatOf('a/b.json'), 'json');
  t.is(historyFormatOf('b.EDN'), 'edn');
  t.is(historyFormatOf('b.txt'), undefined);
});
