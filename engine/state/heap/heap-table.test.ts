// When the table copies and when it must not: only entries that a running snapshot may see.

import test from 'ava';

import { HeapTable } from './heap-table.ts';
import { KeyContext } from './key-context.ts';

interface Box {
  n: number;
}

function openTable() {
  const context = new KeyContext({ first: 0, last: 15 }, 16);
  let copies = 0;
  const table = new HeapTable<Box>(context, (box) => {
    copies++;
    return { ...box };
  });
  return { context, table, copies: () => copies };
}

function seenBy(captured: ReturnType<HeapTable<Box>['capture']>): readonly number[] {
  return captured.groups.flat().map((entry) => entry.value.n);
}

test('without a running snapshot nothing is copied', (t) => {
  const { context, table, copies } = openTable();
  context.set('k');
  const box = { n: 1 };
  table.write(box);
  t.is(table.read(), box);
  table.release(table.capture());
  t.is(table.read(), box);
  t.is(copies(), 0);
});

test('while a snapshot runs, an entry is copied once', (t) => {
  const { context, table, copies } = openTable();
  context.set('k');
  table.write({ n: 1 });
  const captured = table.capture();
  const first = table.read();
  t.is(table.read(), first);
  if (first !== undefined) first.n = 2;
  t.is(copies(), 1);
  t.deepEqual(seenBy(captured), [1]);
  t.deepEqual(table.read(), { n: 2 });
  table.write({ n: 3 });
  t.deepEqual(seenBy(captured), [1]);
});

test('the end of one snapshot leaves another one protected, in either order', (t) => {
  for (const endsFirst of [0, 1]) {
    const { context, table } = openTable();
    context.set('k');
    table.write({ n: 1 });
    const captured = [table.capture(), table.capture()];
    const [left, right] = endsFirst === 0 ? captured : captured.reverse();
    if (left === undefined || right === undefined) return t.fail();
    table.release(left);
    table.write({ n: 2 });
    const box = table.read();
    if (box !== undefined) box.n = 3;
    t.deepEqual(seenBy(right), [1]);
  }
});

test('what was found for a key is forgotten before epochs come round again', (t) => {
  const { context, table } = openTable();
  context.set('a');
  table.write({ n: 1 });
  context.epoch = 0x3fff_ffff;
  context.set('b');
  t.is(context.epoch, 0);
  t.is(table.read(), undefined);
  context.epoch = 0x3fff_ffff;
  t.is(table.read(), undefined);
  context.set('a');
  t.deepEqual(table.read(), { n: 1 });
});

test('entries leave their key group without leaving a gap', (t) => {
  const { context, table } = openTable();
  for (let key = 0; key < 200; key++) {
    context.set(key);
    table.write({ n: key });
  }
  for (let key = 0; key < 200; key += 3) {
    context.set(key);
    table.remove();
  }
  for (let key = 1; key < 200; key += 3) {
    context.set(key);
    table.remove();
  }
  const left = seenBy(table.capture());
  t.is(left.length, table.size);
  t.deepEqual(
    [...left].sort((a, b) => a - b),
    Array.from({ length: 66 }, (_, i) => i * 3 + 2),
  );
});

test('cleaning up visits every entry in turn, and replaces what shrinks', (t) => {
  const { context, table } = openTable();
  for (let key = 0; key < 40; key++) {
    context.set(key);
    table.write({ n: key });
  }
  const visited: number[] = [];
  for (let step = 0; step < 8; step++) {
    table.cleanUp(5, (box) => {
      visited.push(box.n);
      return box;
    });
  }
  t.is(new Set(visited).size, 40);
  const captured = table.capture();
  table.cleanUp(40, (box) => (box.n % 2 === 0 ? undefined : { n: -1 }));
  t.is(table.size, 20);
  t.is(seenBy(captured).length, 40);
  t.false(seenBy(captured).includes(-1));
  t.deepEqual(new Set(seenBy(table.capture())), new Set([-1]));
});
