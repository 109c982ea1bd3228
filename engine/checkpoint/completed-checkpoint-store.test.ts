// Which checkpoints are retained: Flink's vectors, and the law behind them.

import test from 'ava';
import fc from 'fast-check';

import { checkpointId } from '../core/ids.ts';
import { CompletedCheckpointStore } from './completed-checkpoint-store.ts';
import { completedFor } from './testing/handles.ts';

type Kind = 'cp' | 'sp' | 'sync-sp';

function add(store: CompletedCheckpointStore, id: number, kind: Kind): readonly number[] {
  const type = kind === 'cp' ? 'checkpoint' : 'savepoint';
  const stop = kind === 'sync-sp' ? 'suspend' : 'no';
  return store.add(completedFor(id, { type, stop })).map((one) => one.id);
}

function retained(max: number, kinds: readonly Kind[]): readonly number[] {
  const store = new CompletedCheckpointStore(max);
  kinds.forEach((kind, index) => add(store, index + 1, kind));
  return store.all().map(({ id }) => id);
}

test('the newest stays, and the newest that is not a savepoint', (t) => {
  t.deepEqual(retained(1, ['cp', 'cp', 'sp', 'sp', 'sp']), [2, 5]);
  t.deepEqual(retained(1, ['cp', 'sp', 'cp']), [3]);
  t.deepEqual(retained(1, ['cp', 'sp', 'sync-sp']), [3]);
  t.deepEqual(retained(3, ['cp', 'cp', 'cp']), [1, 2, 3]);
});

test('what is subsumed is returned once, oldest first', (t) => {
  const store = new CompletedCheckpointStore(2);
  t.deepEqual(
    [1, 2, 3, 4].map((id) => add(store, id, 'cp')),
    [[], [], [1], [2]],
  );
  t.is(store.lowestRetained, checkpointId(3));
  t.is(store.latest?.id, checkpointId(4));
});

test('ids only go up', (t) => {
  const store = new CompletedCheckpointStore(1);
  add(store, 2, 'cp');
  t.throws(() => add(store, 2, 'cp'));
});

test('nothing is lost: everything is retained or was subsumed, and the newest never is', (t) => {
  const kinds = fc.array(fc.constantFrom<Kind>('cp', 'sp'), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), kinds, (max, order) => {
      const store = new CompletedCheckpointStore(max);
      const subsumed = order.flatMap((kind, index) => add(store, index + 1, kind));
      const all = store.all().map(({ id }) => Number(id));
      t.deepEqual(
        [...subsumed, ...all].toSorted((a, b) => a - b),
        order.map((_, index) => index + 1),
      );
      t.is(store.latest?.id, checkpointId(order.length));
      const newestOwn = order.lastIndexOf('cp') + 1;
      if (newestOwn > 0) t.true(all.includes(newestOwn));
      t.true(all.length <= max + 1);
    }),
  );
});
