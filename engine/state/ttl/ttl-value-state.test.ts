// What a read of an expired value does by itself, without the help of any background clean-up.

import test from 'ava';

import { HeapValueState } from '../heap/heap-states.ts';
import { HeapTable } from '../heap/heap-table.ts';
import { KeyContext } from '../heap/key-context.ts';
import type { Stamped } from './ttl-policy.ts';
import { isExpired, ttlPolicy } from './ttl-policy.ts';
import { TtlValueState } from './ttl-value-state.ts';

test('the read of an expired value clears it first', (t) => {
  for (const visibility of ['never-return-expired', 'return-expired-if-not-cleaned-up'] as const) {
    let nowMs = 0;
    const policy = ttlPolicy({ ttlMs: 100, visibility }, 'v', () => nowMs);
    if (policy === undefined) return t.fail();
    const context = new KeyContext({ first: 0, last: 15 }, 16);
    const table = new HeapTable<Stamped<string>>(context, (stamped) => ({ ...stamped }));
    const inner = new HeapValueState<'void', Stamped<string>>(table);
    const state = new TtlValueState(inner, policy, () => undefined);
    context.set('k');
    state.update('x');
    nowMs = 99;
    t.is(state.value(), 'x');
    nowMs = 100;
    t.is(table.size, 1);
    t.is(state.unexpired(), undefined);
    t.is(state.value(), visibility === 'never-return-expired' ? undefined : 'x');
    t.is(table.size, 0);
    t.is(state.value(), undefined);
  }
});

test('a time to live beyond all time never expires, nor does one that is disabled', (t) => {
  let nowMs = Number.MAX_SAFE_INTEGER - 1;
  const policy = ttlPolicy({ ttlMs: Number.MAX_SAFE_INTEGER }, 'v', () => nowMs);
  if (policy === undefined) return t.fail();
  t.false(isExpired(policy, 5));
  nowMs = 0;
  t.false(isExpired(policy, -5));
  t.is(
    ttlPolicy({ ttlMs: 5, updateType: 'disabled' }, 'v', () => 0),
    undefined,
  );
});
