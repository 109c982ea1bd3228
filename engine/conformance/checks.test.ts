// The assertions of runner-free checks: each must object to what its name says, and to nothing
// else.

import test from 'ava';
import fc from 'fast-check';

import { OnceproofError } from '../core/errors.ts';
import { collectChecks } from './checks.ts';
import { assertionJudge, isDeepEqual } from './judge.ts';

test('each assertion passes what it should and objects with OP-E207 to the rest', async (t) => {
  const judge = assertionJudge;
  const fail = (): never => {
    throw new OnceproofError('OP-E404', 'no');
  };
  const good: readonly (() => unknown)[] = [
    () => judge.is(1, 1),
    () => judge.not(1, 2),
    () => judge.deepEqual({ a: [1, new Map([[1, 2]])] }, { a: [1, new Map([[1, 2]])] }),
    () => judge.true(true),
    () => judge.false(false),
    () => judge.regex('abc', /b/),
    () => judge.throws(fail, { code: 'OP-E404' }),
    () => judge.throws(fail),
    () => judge.pass(),
  ];
  const bad: readonly (() => unknown)[] = [
    () => judge.is(0, -0),
    () => judge.not('a', 'a'),
    () => judge.deepEqual([1], [1, 2]),
    () => judge.true(1),
    () => judge.false(undefined),
    () => judge.regex('abc', /d/),
    () => judge.throws(fail, { code: 'OP-E405' }),
    () => judge.throws(() => 1),
    () => judge.fail('here'),
  ];
  for (const check of good) t.notThrows(check);
  for (const check of bad) t.throws(check, { code: 'OP-E207' });
  await t.notThrowsAsync(async () => judge.throwsAsync(Promise.reject(new Error('x'))));
  await t.throwsAsync(async () => judge.throwsAsync(Promise.resolve(1)), { code: 'OP-E207' });
});

test('deep equality agrees with JSON on plain data, whatever the order of fields', (t) => {
  const property = fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
    t.true(isDeepEqual(left, structuredClone(left)));
    t.true(isDeepEqual(left, reversed(left)));
    if (canonical(left) !== canonical(right)) t.false(isDeepEqual(left, right));
  });
  fc.assert(property);
});

test('a suite is collected in order, and its checks reject where the law is broken', async (t) => {
  const checks = collectChecks((check) => {
    check('one', (judge) => judge.is(1, 1));
    check('two', async (judge) => judge.is(1, 2, 'the law'));
  });
  t.deepEqual(
    checks.map(({ name }) => name),
    ['one', 'two'],
  );
  await t.notThrowsAsync(async () => checks[0]?.run());
  await t.throwsAsync(async () => checks[1]?.run(), { message: /the law.*expected 2, got 1/ });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, field]) => [name, reversed(field)] as const);
  return Object.fromEntries(entries.toReversed());
}

function canonical(value: unknown): string {
  if (Object.is(value, -0)) return '-0';
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, field]) => `${name}:${canonical(field)}`);
  return `{${fields.sort().join()}}`;
}
