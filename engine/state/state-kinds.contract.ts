// What each kind of keyed state does for its user, on every backend: values, lists, maps, folds,
// their null rules, their namespaces, and what may be changed while it is looked at.

import type { DeclareCheck } from '../conformance/checks.ts';

import { genericSerializer } from '../stream/serializers/generic-serializer.ts';
import { longSerializer, stringSerializer } from '../stream/serializers/primitive-serializers.ts';
import type { ListStateDescriptor, ReducingStateDescriptor } from './state-descriptor.ts';
import type { CreateBackend } from './testing/state-world.ts';
import { sortedTexts, StateWorld, useKey, VOID } from './testing/state-world.ts';

const numbers: ListStateDescriptor<number> = { kind: 'list', name: 'numbers' };
const sum: ReducingStateDescriptor<number> = {
  kind: 'reducing',
  name: 'sum',
  reduce: (left, right) => left + right,
};
/** Five numbers over the namespaces 1, 2 and 3; what merging does must not depend on where. */
const MERGE_CASES: readonly (readonly [string, ReadonlyMap<number, readonly number[]>])[] = [
  [
    'abc',
    new Map([
      [1, [33, 55]],
      [2, [22, 11]],
      [3, [44]],
    ]),
  ],
  [
    'def',
    new Map([
      [1, [11, 44]],
      [3, [22, 55, 33]],
    ]),
  ],
  ['jkl', new Map([[1, [11, 22, 33, 44, 55]]])],
  ['mno', new Map([[3, [11, 22, 33, 44, 55]]])],
];

export function stateKindsContract(test: DeclareCheck, name: string, create: CreateBackend): void {
  valueContract(test, name, create);
  listContract(test, name, create);
  mapContract(test, name, create);
  foldContract(test, name, create);
  namespaceContract(test, name, create);
}

function valueContract(test: DeclareCheck, name: string, create: CreateBackend): void {
  test(`${name}: a value belongs to its key, and update(undefined) clears it`, async (t) => {
    const backend = await new StateWorld(create).open();
    const state = backend.valueState<'void', string>({ kind: 'value', name: 'v' }, VOID);
    await useKey(backend, 'a');
    t.is(state.value(), undefined);
    state.update('one');
    await useKey(backend, 'b');
    t.is(state.value(), undefined);
    state.update('two');
    await useKey(backend, 'a');
    t.is(state.value(), 'one');
    state.update(undefined);
    t.is(state.value(), undefined);
    t.deepEqual([...backend.keys('v', 'void')], ['b']);
  });

  test(`${name}: the default stands in for a missing value only`, async (t) => {
    const backend = await new StateWorld(create).open();
    const state = backend.valueState<'void', number>(
      { kind: 'value', name: 'v', serializer: longSerializer, defaultValue: 42 },
      VOID,
    );
    await useKey(backend, 1);
    t.is(state.value(), 42);
    state.update(1);
    t.is(state.value(), 1);
    state.clear();
    t.is(state.value(), 42);
    state.update(17);
    state.update(undefined);
    t.is(state.value(), 42);
  });

  test(`${name}: keys of all types are kept apart, composite ones found`, async (t) => {
    const world = new StateWorld(create);
    const keys = [
      '1',
      1,
      1n,
      true,
      'true',
      [1],
      ['1'],
      { a: 1 },
      { a: [1] },
      '',
      0,
      -1.5,
      '\u0000c[n1;]',
    ];
    let backend = await world.open();
    for (const round of [0, 1]) {
      const state = backend.valueState<'void', number>({ kind: 'value', name: 'v' }, VOID);
      for (const [index, key] of keys.entries()) {
        await useKey(backend, genericSerializer.copy(key));
        t.is(state.value(), round === 0 ? undefined : index);
        state.update(index);
      }
      await useKey(backend, { a: [1] });
      t.is(state.value(), 8);
      backend = await world.reopen(backend);
    }
  });

  test(`${name}: a missing key is refused`, async (t) => {
    const backend = await new StateWorld(create).open();
    for (const key of [undefined, null]) {
      t.throws(() => backend.setCurrentKey(key), { code: 'OP-E406' });
    }
  });

  test(`${name}: many states of one backend do not meet`, async (t) => {
    const world = new StateWorld(create);
    const open = (backend: Awaited<ReturnType<StateWorld['open']>>) =>
      Array.from({ length: 40 }, (_, index) =>
        backend.valueState<'void', number>({ kind: 'value', name: `v${index}` }, VOID),
      );
    const backend = await world.open();
    await useKey(backend, 'k');
    open(backend).forEach((state, index) => (index % 3 === 0 ? undefined : state.update(index)));
    const restored = await world.reopen(backend);
    await useKey(restored, 'k');
    const values = open(restored).map((state) => state.value());
    t.deepEqual(
      values,
      Array.from({ length: 40 }, (_, i) => (i % 3 === 0 ? undefined : i)),
    );
  });

  test(`${name}: one name is one state, another kind of it is OP-E404`, async (t) => {
    const world = new StateWorld(create);
    const backend = await world.open();
    await useKey(backend, 'k');
    backend.valueState<'void', number>({ kind: 'value', name: 'x' }, VOID).update(1);
    t.is(backend.valueState<'void', number>({ kind: 'value', name: 'x' }, VOID).value(), 1);
    t.throws(() => backend.listState({ kind: 'list', name: 'x' }, VOID), { code: 'OP-E404' });
    const restored = await world.reopen(backend);
    t.throws(() => restored.listState({ kind: 'list', name: 'x' }, VOID), { code: 'OP-E404' });
    await useKey(restored, 'k');
    t.is(restored.valueState<'void', number>({ kind: 'value', name: 'x' }, VOID).value(), 1);
  });
}

function listContract(test: DeclareCheck, name: string, create: CreateBackend): void {
  test(`${name}: a list keeps the order, and an empty list is no entry`, async (t) => {
    const backend = await new StateWorld(create).open();
    const state = backend.listState(numbers, VOID);
    await useKey(backend, 'def');
    t.deepEqual(state.get(), []);
    state.add(17);
    state.add(11);
    t.deepEqual(state.get(), [17, 11]);
    state.update([]);
    t.deepEqual(state.get(), []);
    state.update([10, 16]);
    await useKey(backend, 'g');
    state.addAll([]);
    t.deepEqual(state.get(), []);
    state.addAll([3, 4]);
    state.addAll([]);
    state.addAll([5, 6]);
    t.deepEqual(state.get(), [3, 4, 5, 6]);
    state.update([1, 2]);
    await useKey(backend, 'def');
    t.deepEqual(state.get(), [10, 16]);
    state.clear();
    await useKey(backend, 'g');
    state.clear();
    t.deepEqual([...backend.keys('numbers', 'void')], []);
  });

  test(`${name}: a list refuses null and undefined, and stays as it was`, async (t) => {
    const backend = await new StateWorld(create).open();
    const state = backend.listState<'void', unknown>({ kind: 'list', name: 'l' }, VOID);
    await useKey(backend, 'k');
    state.add(1);
    for (const missing of [null, undefined]) {
      t.throws(() => state.add(missing), { code: 'OP-E403' });
      t.throws(() => state.addAll([2, missing]), { code: 'OP-E403' });
      t.throws(() => state.update([missing]), { code: 'OP-E403' });
      t.throws(() => state.addAll(missing as unknown as []), { code: 'OP-E403' });
      t.throws(() => state.update(missing as unknown as []), { code: 'OP-E403' });
    }
    t.deepEqual(state.get(), [1]);
  });

  test(`${name}: adding to a list while going through it does not lengthen the way`, async (t) => {
    const backend = await new StateWorld(create).open();
    const state = backend.listState(numbers, VOID);
    await useKey(backend, 'k');
    state.update([1, 2, 3]);
    for (const value of state.get()) state.add(value * 10);
    t.deepEqual(state.get(), [1, 2, 3, 10, 20, 30]);
    const given = [7];
    state.update(given);
    given.push(8);
    t.deepEqual(state.get(), [7]);
  });
}

function mapContract(test: DeclareCheck, name: string, create: CreateBackend): void {
  test(`${name}: a map finds, replaces and removes, and is empty in the end`, async (t) => {
    const backend = await new StateWorld(create).open();
    const state = backend.mapState<'void', string, number>({ kind: 'map', name: 'm' }, VOID);
    await useKey(backend, 'k');
    t.true(state.isEmpty());
    t.is(state.get('a'), undefined);
    t.deepEqual([...state.entries()], []);
    state.put('a', 1);
    state.putAll(
      new Map([
        ['b', 2],
        ['a', 3],
      ]),
    );
    t.is(state.get('a'), 3);
    t.true(state.contains('b'));
    t.false(state.contains('c'));
    t.deepEqual(sortedTexts(state.entries()), ['a,3', 'b,2']);
    t.deepEqual([...state.keys()].sort(), ['a', 'b']);
    t.deepEqual(sortedTexts(state.values()), ['2', '3']);
    state.remove('c');
    state.remove('a');
    t.false(state.isEmpty());
    state.remove('b');
    t.true(state.isEmpty());
    t.deepEqual([...backend.keys('m', 'void')], []);
  });

  test(`${name}: a map may be changed while it is gone through`, async (t) => {
    const backend = await new StateWorld(create).open();
    const state = backend.mapState<'void', number, string>({ kind: 'map', name: 'm' }, VOID);
    await useKey(backend, 'k');
    for (let index = 0; index < 10; index++) state.put(index, `v${index}`);
    const seen: number[] = [];
    for (const [key] of state.entries()) {
      seen.push(key);
      state.remove(key);
      state.put(key + 100, 'new');
    }
    t.deepEqual(
      seen.sort((left, right) => left - right),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    );
    t.is([...state.keys()].length, 10);
  });

  test(`${name}: composite keys of a map are found by content, undefined is a value`, async (t) => {
    const world = new StateWorld(create);
    const backend = await world.open();
    const open = (from: typeof backend) =>
      from.mapState<'void', unknown, unknown>({ kind: 'map', name: 'm' }, VOID);
    await useKey(backend, 'k');
    open(backend).putAll([
      [{ id: 1, part: 'x' }, 'object'],
      [[1, 2], 'array'],
      ['u', undefined],
    ]);
    const restored = await world.reopen(backend);
    await useKey(restored, 'k');
    t.is(open(restored).get({ part: 'x', id: 1 }), 'object');
    t.is(open(restored).get([1, 2]), 'array');
    t.true(open(restored).contains('u'));
    t.is(open(restored).get('u'), undefined);
  });
}

function foldContract(test: DeclareCheck, name: string, create: CreateBackend): void {
  test(`${name}: reducing and aggregating states fold as values arrive`, async (t) => {
    const backend = await new StateWorld(create).open();
    const reducing = backend.reducingState(sum, VOID);
    const aggregating = backend.aggregatingState<'void', number, number[], string>(
      {
        kind: 'aggregating',
        name: 'log',
        aggregate: {
          createAccumulator: () => [],
          add: (value, accumulator) => {
            accumulator.push(value);
            return accumulator;
          },
          getResult: (accumulator) => accumulator.join('+'),
        },
      },
      VOID,
    );
    await useKey(backend, 'k');
    t.is(reducing.get(), undefined);
    t.is(aggregating.get(), undefined);
    for (const value of [11, 44, 22]) {
      reducing.add(value);
      aggregating.add(value);
    }
    t.is(reducing.get(), 77);
    t.is(aggregating.get(), '11+44+22');
    aggregating.clear();
    reducing.clear();
    t.is(reducing.get(), undefined);
    aggregating.add(1);
    t.is(aggregating.get(), '1');
  });
}

function namespaceContract(test: DeclareCheck, name: string, create: CreateBackend): void {
  test(`${name}: namespaces are kept apart, also composite ones`, async (t) => {
    const world = new StateWorld(create);
    let backend = await world.open();
    for (const round of [0, 1]) {
      const state = backend.valueState<unknown, string>(
        { kind: 'value', name: 'v', serializer: stringSerializer },
        genericSerializer,
      );
      for (const [start, key] of [
        [0, 'a'],
        [0, 'b'],
        [100, 'a'],
      ] as const) {
        await useKey(backend, key);
        state.setCurrentNamespace({ start, end: start + 100 });
        t.is(state.value(), round === 0 ? undefined : `${key}${start}`);
        state.update(`${key}${start}`);
      }
      t.deepEqual(sortedTexts(backend.keys('v', { end: 100, start: 0 })), ['a', 'b']);
      t.deepEqual([...backend.keys('v', { start: 100, end: 200 })], ['a']);
      backend = await world.reopen(backend);
    }
  });

  test(`${name}: merging namespaces moves everything into the target`, async (t) => {
    const backend = await new StateWorld(create).open();
    const list = backend.listState<number, number>(numbers, longSerializer);
    const reducing = backend.reducingState<number, number>(sum, longSerializer);
    const cases = [...MERGE_CASES, ['ghi', new Map<number, readonly number[]>()] as const];
    for (const [key, content] of cases) {
      await useKey(backend, key);
      for (const [namespace, values] of content) {
        list.setCurrentNamespace(namespace);
        reducing.setCurrentNamespace(namespace);
        for (const value of values) {
          list.add(value);
          reducing.add(value);
        }
      }
      list.mergeNamespaces(1, [2, 3]);
      reducing.mergeNamespaces(1, [2, 3]);
      for (const namespace of [1, 2, 3]) {
        list.setCurrentNamespace(namespace);
        reducing.setCurrentNamespace(namespace);
        const isMerged = namespace === 1 && key !== 'ghi';
        t.deepEqual(
          list.get().toSorted((left, right) => left - right),
          isMerged ? [11, 22, 33, 44, 55] : [],
          key,
        );
        t.is(reducing.get(), isMerged ? 165 : undefined, key);
      }
    }
  });
}
