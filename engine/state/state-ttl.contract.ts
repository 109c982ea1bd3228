// The time to live of keyed state, on every backend: Flink's rules at their boundaries, with a
// failure between any two steps.

import type { DeclareCheck } from '../conformance/checks.ts';

import { longSerializer } from '../stream/serializers/primitive-serializers.ts';
import type { KeyedStateBackend } from './state-backend.ts';
import type { StateTtlConfig } from './state-descriptor.ts';
import type { CreateBackend } from './testing/state-world.ts';
import { StateWorld, useKey, VOID } from './testing/state-world.ts';

type Step =
  | { readonly at: number; readonly write: number }
  | { readonly at: number; readonly read: number | undefined };

/** One state kind behind write-one-value and read-one-value. */
interface Kind {
  readonly name: string;
  open(
    backend: KeyedStateBackend,
    ttl: StateTtlConfig,
  ): {
    write(value: number): void;
    read(): number | undefined;
  };
}

const KINDS: readonly Kind[] = [
  {
    name: 'value',
    open(backend, ttl) {
      const state = backend.valueState<'void', number>({ kind: 'value', name: 's', ttl }, VOID);
      return { write: (value) => state.update(value), read: () => state.value() };
    },
  },
  {
    name: 'list',
    open(backend, ttl) {
      const state = backend.listState<'void', number>({ kind: 'list', name: 's', ttl }, VOID);
      return { write: (value) => state.update([value]), read: () => state.get()[0] };
    },
  },
  {
    name: 'map',
    open(backend, ttl) {
      const state = backend.mapState<'void', string, number>({ kind: 'map', name: 's', ttl }, VOID);
      return { write: (value) => state.put('x', value), read: () => state.get('x') };
    },
  },
  {
    name: 'reducing',
    open(backend, ttl) {
      const reduce = (_: number, value: number) => value;
      const state = backend.reducingState<'void', number>(
        { kind: 'reducing', name: 's', reduce, ttl },
        VOID,
      );
      return { write: (value) => state.add(value), read: () => state.get() };
    },
  },
];

const CASES: readonly (readonly [string, Omit<StateTtlConfig, 'ttlMs'>, readonly Step[]])[] = [
  [
    'on-create-and-write',
    {},
    [
      { at: 0, write: 1 },
      { at: 20, read: 1 },
      { at: 50, write: 2 },
      { at: 120, read: 2 },
      { at: 170, write: 3 },
      { at: 220, read: 3 },
      { at: 300, read: undefined },
    ],
  ],
  [
    'on-read-and-write',
    { updateType: 'on-read-and-write' },
    [
      { at: 0, write: 1 },
      { at: 50, read: 1 },
      { at: 120, read: 1 },
      { at: 250, read: undefined },
      { at: 250, write: 2 },
      { at: 349, read: 2 },
      { at: 448, read: 2 },
      { at: 548, read: undefined },
    ],
  ],
  [
    'return-expired',
    { visibility: 'return-expired-if-not-cleaned-up' },
    [
      { at: 0, write: 1 },
      { at: 120, read: 1 },
      { at: 121, read: undefined },
    ],
  ],
  [
    'on-read and return-expired',
    { updateType: 'on-read-and-write', visibility: 'return-expired-if-not-cleaned-up' },
    [
      { at: 0, write: 1 },
      { at: 50, read: 1 },
      { at: 170, read: 1 },
      { at: 171, read: undefined },
    ],
  ],
  [
    'the boundary',
    {},
    [
      { at: 5, write: 1 },
      { at: 104, read: 1 },
      { at: 105, read: undefined },
    ],
  ],
  [
    'disabled',
    { updateType: 'disabled' },
    [
      { at: 0, write: 1 },
      { at: 1_000_000, read: 1 },
    ],
  ],
];

export function stateTtlContract(test: DeclareCheck, name: string, create: CreateBackend): void {
  for (const kind of KINDS) {
    for (const [title, config, steps] of CASES) {
      test(`${name}: a ${kind.name} lives as long as ${title} says`, async (t) => {
        const world = new StateWorld(create);
        let backend = await world.open();
        for (const step of steps) {
          world.nowMs = step.at;
          await useKey(backend, 'k');
          const state = kind.open(backend, { ttlMs: 100, ...config });
          if ('write' in step) state.write(step.write);
          else t.is(state.read(), step.read, `at ${step.at}`);
          backend = await world.reopen(backend);
        }
      });
    }
  }

  test(`${name}: elements of lists and entries of maps expire one by one`, async (t) => {
    const world = new StateWorld(create);
    const backend = await world.open();
    const ttl = { ttlMs: 100 };
    const list = backend.listState<'void', string>({ kind: 'list', name: 'l', ttl }, VOID);
    const map = backend.mapState<'void', string, number>({ kind: 'map', name: 'm', ttl }, VOID);
    await useKey(backend, 'k');
    for (const [at, item] of [
      [0, 'a'],
      [50, 'b'],
      [90, 'c'],
    ] as const) {
      world.nowMs = at;
      list.add(item);
      map.put(item, at);
    }
    world.nowMs = 120;
    t.deepEqual(list.get(), ['b', 'c']);
    t.deepEqual([...map.keys()].sort(), ['b', 'c']);
    t.false(map.contains('a'));
    world.nowMs = 150;
    t.deepEqual([...map.entries()], [['c', 90]]);
    t.deepEqual(list.get(), ['c']);
    world.nowMs = 190;
    t.true(map.isEmpty());
    t.deepEqual(list.get(), []);
  });

  test(`${name}: nothing is folded into an expired accumulator`, async (t) => {
    const world = new StateWorld(create);
    const backend = await world.open();
    const state = backend.reducingState<'void', number>(
      {
        kind: 'reducing',
        name: 'sum',
        reduce: (left, right) => left + right,
        ttl: { ttlMs: 100, visibility: 'return-expired-if-not-cleaned-up' },
      },
      VOID,
    );
    await useKey(backend, 'k');
    state.add(5);
    world.nowMs = 99;
    state.add(6);
    t.is(state.get(), 11);
    world.nowMs = 199;
    state.add(7);
    t.is(state.get(), 7);
  });

  test(`${name}: expired state is no longer part of the logical content`, async (t) => {
    const world = new StateWorld(create);
    const backend = await world.open();
    const ttl = { ttlMs: 100 };
    const state = backend.valueState<'void', number>({ kind: 'value', name: 'v', ttl }, VOID);
    const empty = backend.logicalDigest();
    for (let key = 0; key < 20; key++) {
      await useKey(backend, key);
      state.update(key);
    }
    t.not(backend.logicalDigest(), empty);
    world.nowMs = 100;
    t.is(backend.logicalDigest(), empty);
  });

  test(`${name}: a time to live may be added to a state, and taken away again`, async (t) => {
    const world = new StateWorld(create);
    const open = (backend: KeyedStateBackend, ttl?: StateTtlConfig) =>
      backend.valueState<'void', number>(
        { kind: 'value', name: 'v', serializer: longSerializer, ...(ttl && { ttl }) },
        VOID,
      );
    let backend = await world.open();
    await useKey(backend, 'k');
    open(backend).update(1);
    backend = await world.reopen(backend);
    world.nowMs = 1000;
    await useKey(backend, 'k');
    t.is(open(backend, { ttlMs: 100 }).value(), 1);
    world.nowMs = 1099;
    t.is(open(backend, { ttlMs: 100 }).value(), 1);
    backend = await world.reopen(backend);
    world.nowMs = 5000;
    await useKey(backend, 'k');
    t.is(open(backend).value(), 1);
  });

  test(`${name}: a time to live below one millisecond is refused`, async (t) => {
    const backend = await new StateWorld(create).open();
    const descriptor = { kind: 'value', name: 'v', ttl: { ttlMs: 0 } } as const;
    t.throws(() => backend.valueState(descriptor, VOID), { code: 'OP-E411' });
  });
}
