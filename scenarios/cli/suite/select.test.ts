// Which backends run: those of each scenario by default, others where they are asked for.

import test from 'ava';

import { OnceproofError } from '../../../engine/core/errors.ts';
import type { Selection } from '../arguments/run-settings.ts';
import { selectCases } from './select.ts';

function selection(filters: readonly string[], backends?: readonly string[]): Selection {
  return { filters, grep: undefined, grepInvert: undefined, tag: undefined, backends };
}

async function idsOf(...from: Parameters<typeof selection>): Promise<readonly string[]> {
  return (await selectCases(selection(...from))).cases.map(({ id }) => id);
}

const COUNT = 'failover/keyed-count';

test('what nobody asks for does not run', async (t) => {
  const ids = await idsOf([COUNT]);
  t.deepEqual(ids, [`${COUNT}@memory`, `${COUNT}@fs`]);
});

test('a backend that is named runs, in the order of reports', async (t) => {
  t.deepEqual(await idsOf([COUNT], ['rocksdb', 'memory']), [`${COUNT}@memory`, `${COUNT}@rocksdb`]);
});

test('a case that is named runs', async (t) => {
  t.deepEqual(await idsOf([`${COUNT}@rocksdb`]), [`${COUNT}@rocksdb`]);
});

test('a scenario that lists its backends runs on these', async (t) => {
  t.deepEqual(await idsOf(['state/large-values']), ['state/large-values@fs']);
  t.deepEqual(await idsOf(['state/large-values'], ['memory']), []);
});

test('lists show everything there is', async (t) => {
  const { cases } = await selectCases(selection([COUNT]), { isEverythingNamed: true });
  t.true(cases.some(({ backend }) => backend === 'rocksdb'));
});

test('a backend that nothing runs on is refused', async (t) => {
  const refused = await t.throwsAsync(idsOf([COUNT], ['rocksbd']), { instanceOf: OnceproofError });
  t.is(refused?.code, 'OP-E124');
  t.regex(refused?.message ?? '', /rocksdb/);
});
