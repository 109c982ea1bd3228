// Where subtasks are placed, and that they stay there.

import test from 'ava';
import fc from 'fast-check';

import { address } from '../../environment/network.ts';
import { taskManager } from '../testing/graphs.ts';
import { SlotPool } from './slot-pool.ts';

test('subtasks are spread over hosts, and never more than there are slots', (t) => {
  const slots = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(slots, fc.integer({ min: 1, max: 20 }), (sizes, needed) => {
      const pool = new SlotPool();
      sizes.forEach((size, index) => pool.register(taskManager(`tm-${index}`, { slots: size })));
      const total = sizes.reduce((sum, size) => sum + size, 0);
      t.is(pool.slotsTotal, total);
      t.is(pool.assign(needed), needed <= total);
      if (needed > total) return;
      const used = sizes.map(
        (_, index) => range(needed).filter((slot) => pool.hostOf(slot) === `tm-${index}`).length,
      );
      used.forEach((count, index) => t.true(count <= (sizes[index] ?? 0)));
      const free = used.map((count, index) => (sizes[index] ?? 0) - count);
      // Nobody is loaded while somebody else has much more room.
      used.forEach((count, index) => {
        if (count > 0) t.true(Math.max(...free) <= (free[index] ?? 0) + 1);
      });
    }),
    { numRuns: 100 },
  );
});

test('a host that has come to offer fewer slots than are taken gets no more', (t) => {
  const pool = new SlotPool();
  pool.register(taskManager('tm-1', { slots: 3 }));
  t.true(pool.assign(3));
  pool.register(taskManager('tm-1', { slots: 1 }));
  t.false(pool.assign(4));
  pool.register(taskManager('tm-2', { slots: 1 }));
  t.true(pool.assign(4));
  t.is(pool.hostOf(3), address('tm-2'));
});

test('a slot stays where it is while its host is there, and moves when it is not', (t) => {
  const pool = new SlotPool();
  pool.register(taskManager('tm-1'));
  pool.register(taskManager('tm-2'));
  t.true(pool.assign(3));
  const before = range(3).map((slot) => pool.hostOf(slot));
  pool.register(taskManager('tm-3'));
  t.true(pool.assign(3));
  t.deepEqual(
    range(3).map((slot) => pool.hostOf(slot)),
    before,
  );
  pool.remove(address('tm-1'));
  t.true(pool.assign(3));
  range(3).forEach((slot) => {
    if (before[slot] !== 'tm-1') t.is(pool.hostOf(slot), before[slot]);
    else t.not(pool.hostOf(slot), address('tm-1'));
  });
});

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => index);
}
