// What a keyed snapshot is, on every backend: the state at one moment, whatever happens while it
// is written and at whatever parallelism it is read back.

import type { DeclareCheck } from '../conformance/checks.ts';
import { isDeepEqual } from '../conformance/judge.ts';

import { checkpointId } from '../core/ids.ts';
import { OnceproofError } from '../core/errors.ts';
import {
  doubleSerializer,
  intSerializer,
  longSerializer,
  stringSerializer,
} from '../stream/serializers/primitive-serializers.ts';
import { optionalOf } from '../stream/serializers/container-serializers.ts';
import { structOf } from '../stream/serializers/struct-serializer.ts';
import type { TypeSerializer } from '../stream/type-serializer.ts';
import type { KeyedStateBackend } from './state-backend.ts';
import { takeTimers } from './testing/take-timers.ts';
import type { CreateBackend } from './testing/state-world.ts';
import { sortedTexts, StateWorld, useKey, VOID } from './testing/state-world.ts';

interface Profile {
  count: number;
  tags: string[];
  seen: Map<string, { at: number }>;
}

const KEYS = Array.from({ length: 60 }, (_, index) => `user-${index}`);

function profiles(backend: KeyedStateBackend) {
  return backend.valueState<'void', Profile>({ kind: 'value', name: 'profile' }, VOID);
}

function counts(backend: KeyedStateBackend, serializer: TypeSerializer<number> = longSerializer) {
  return backend.valueState<'void', number>({ kind: 'value', name: 'count', serializer }, VOID);
}

export function stateSnapshotsContract(
  test: DeclareCheck,
  name: string,
  create: CreateBackend,
): void {
  isolationContract(test, name, create);
  rescaleContract(test, name, create);
  schemaContract(test, name, create);
  failureContract(test, name, create);
}

function isolationContract(test: DeclareCheck, name: string, create: CreateBackend): void {
  test(`${name}: a snapshot does not see what is written after it began`, async (t) => {
    const world = new StateWorld(create);
    const backend = await world.open();
    const count = counts(backend);
    const list = backend.listState<'void', number[]>({ kind: 'list', name: 'list' }, VOID);
    const map = backend.mapState<'void', string, { n: number }>({ kind: 'map', name: 'map' }, VOID);
    for (const key of KEYS) {
      await useKey(backend, key);
      count.update(key.length);
      list.add([1]);
      map.put('x', { n: 1 });
    }
    const queue = backend.timerQueue<'void'>('timers', VOID);
    queue.add({ key: 'user-1', timestamp: 10, namespace: 'void' });
    const digest = backend.logicalDigest();
    world.streams.hold();
    const running = world.startSnapshot(backend);
    for (const [index, key] of [...KEYS, 'late'].entries()) {
      await useKey(backend, key);
      if (index % 3 === 0) count.clear();
      else count.update(-1);
      list.get()[0]?.push(9);
      list.add([2]);
      const entry = map.get('x');
      if (entry !== undefined) entry.n = 77;
      map.put('y', { n: 3 });
    }
    queue.poll();
    queue.add({ key: 'user-2', timestamp: 20, namespace: 'void' });
    world.streams.release();
    const handle = await running;
    t.not(backend.logicalDigest(), digest);
    const restored = await world.open({ restore: handle === undefined ? [] : [handle] });
    counts(restored);
    restored.listState({ kind: 'list', name: 'list' }, VOID);
    restored.mapState({ kind: 'map', name: 'map' }, VOID);
    restored.timerQueue('timers', VOID);
    t.is(restored.logicalDigest(), digest);
  });

  test(`${name}: changing an object in place does not reach a running snapshot`, async (t) => {
    const world = new StateWorld(create);
    const backend = await world.open();
    const fresh = (): Profile => ({ count: 1, tags: ['a'], seen: new Map([['x', { at: 1 }]]) });
    await useKey(backend, 'k');
    profiles(backend).update(fresh());
    world.streams.hold();
    const first = world.startSnapshot(backend);
    const profile = profiles(backend).value();
    if (profile === undefined) return t.fail();
    profile.count = 2;
    profile.tags.push('b');
    const seen = profile.seen.get('x');
    if (seen !== undefined) seen.at = 2;
    profiles(backend).update(profile);
    const second = world.startSnapshot(backend);
    const later = profiles(backend).value();
    later?.tags.push('c');
    later?.seen.clear();
    profiles(backend).update(later);
    world.streams.release();
    const restore = async (running: typeof first) => {
      const handle = await running;
      const restored = await world.open({ restore: handle === undefined ? [] : [handle] });
      await useKey(restored, 'k');
      return profiles(restored).value();
    };
    t.deepEqual(await restore(first), fresh());
    const changed = { count: 2, tags: ['a', 'b'], seen: new Map([['x', { at: 2 }]]) };
    t.deepEqual(await restore(second), changed);
    t.deepEqual(profiles(backend).value(), { count: 2, tags: ['a', 'b', 'c'], seen: new Map() });
  });

  test(`${name}: folding in place does not reach a running snapshot`, async (t) => {
    const world = new StateWorld(create);
    const log = (backend: KeyedStateBackend) =>
      backend.reducingState<'void', number[]>(
        {
          kind: 'reducing',
          name: 'log',
          reduce(left, right) {
            left.push(...right);
            return left;
          },
        },
        VOID,
      );
    const backend = await world.open();
    await useKey(backend, 'k');
    log(backend).add([1]);
    world.streams.hold();
    const running = world.startSnapshot(backend);
    log(backend).add([2]);
    world.streams.release();
    const handle = await running;
    const restored = await world.open({ restore: handle === undefined ? [] : [handle] });
    await useKey(restored, 'k');
    t.deepEqual(log(restored).get(), [1]);
    t.deepEqual(log(backend).get(), [1, 2]);
  });
}

function rescaleContract(test: DeclareCheck, name: string, create: CreateBackend): void {
  for (const [before, after] of [
    [1, 1],
    [1, 3],
    [3, 1],
    [2, 5],
    [5, 2],
    [3, 4],
  ] as const) {
    test(`${name}: state written by ${before} subtasks is whole on ${after}`, async (t) => {
      const world = new StateWorld(create);
      const subtasks = await world.openAll({ parallelism: before });
      for (const [index, key] of KEYS.entries())
        counts(await world.at(subtasks, key)).update(index);
      const restore = await world.snapshot(...subtasks);
      const restored = await world.openAll({ parallelism: after, restore });
      for (const [index, key] of KEYS.entries())
        t.is(counts(await world.at(restored, key)).value(), index);
      const owned = restored.flatMap((subtask) => [...subtask.keys('count', 'void')]);
      t.deepEqual(sortedTexts(owned), sortedTexts(KEYS));
    });
  }

  test(`${name}: a restored state that nobody asks for is in the next snapshot`, async (t) => {
    const world = new StateWorld(create);
    const backend = await world.open();
    for (const key of KEYS) {
      await useKey(backend, key);
      counts(backend).update(key.length);
      profiles(backend).update({ count: 1, tags: [key], seen: new Map() });
    }
    backend.timerQueue('t', VOID).add({ key: 'user-3', timestamp: 5, namespace: 'void' });
    let subtasks: readonly KeyedStateBackend[] = [backend];
    for (const parallelism of [2, 3, 1]) {
      const restore = await world.snapshot(...subtasks);
      subtasks = await world.openAll({ parallelism, restore });
      for (const subtask of subtasks) counts(subtask);
    }
    for (const key of KEYS)
      t.deepEqual(profiles(await world.at(subtasks, key)).value()?.tags, [key]);
    const [last] = subtasks;
    if (last === undefined) return t.is(subtasks.length, 1);
    const timers = await takeTimers(last, 't', last.timerQueue('t', VOID));
    t.deepEqual(
      timers.map(({ key }) => key),
      ['user-3'],
    );
  });

  test(`${name}: without any state there is no handle`, async (t) => {
    const world = new StateWorld(create);
    const backend = await world.open();
    t.is(await world.startSnapshot(backend), undefined);
    const count = counts(backend);
    t.is(await world.startSnapshot(backend), undefined);
    await useKey(backend, 'k');
    count.update(1);
    t.not(await world.startSnapshot(backend), undefined);
    count.clear();
    t.is(await world.startSnapshot(backend), undefined);
  });

  test(`${name}: large values and many entries are read back`, async (t) => {
    const world = new StateWorld(create);
    const backend = await world.open();
    const big = backend.valueState<'void', Uint8Array>({ kind: 'value', name: 'big' }, VOID);
    await useKey(backend, 'k');
    const bytes = Uint8Array.from({ length: 700_000 }, (_, index) => (index * 7) & 0xff);
    big.update(bytes);
    for (let key = 0; key < 20_000; key++) {
      await useKey(backend, key);
      counts(backend).update(key * 1_000_003);
    }
    const restored = await world.reopen(backend);
    await useKey(restored, 'k');
    const value = restored
      .valueState<'void', Uint8Array>({ kind: 'value', name: 'big' }, VOID)
      .value();
    t.true(isDeepEqual(value, bytes));
    for (let key = 0; key < 20_000; key += 999) {
      await useKey(restored, key);
      t.is(counts(restored).value(), key * 1_000_003);
    }
    t.is([...restored.keys('count', 'void')].length, 20_000);
  });
}

function schemaContract(test: DeclareCheck, name: string, create: CreateBackend): void {
  interface Old {
    id: number;
    name: string;
    gone: string;
  }
  interface New {
    name: string;
    id: number;
    city: string;
    note?: string | null | undefined;
  }
  const before = structOf<Old>({
    id: intSerializer,
    name: stringSerializer,
    gone: stringSerializer,
  });
  const now = structOf<New>(
    {
      name: stringSerializer,
      id: intSerializer,
      city: stringSerializer,
      note: optionalOf(stringSerializer),
    },
    { city: 'Berlin' },
  );

  test(`${name}: fields of a struct may be added, removed and moved`, async (t) => {
    const world = new StateWorld(create);
    let backend = await world.open();
    await useKey(backend, 'k');
    backend
      .valueState<'void', Old>({ kind: 'value', name: 'v', serializer: before }, VOID)
      .update({ id: 7, name: 'Ada', gone: 'x' });
    backend.listState<'void', Old>({ kind: 'list', name: 'l', serializer: before }, VOID).add({
      id: 8,
      name: 'Bob',
      gone: 'y',
    });
    for (const round of [0, 1]) {
      backend = await world.reopen(backend);
      await useKey(backend, 'k');
      const value = backend.valueState<'void', New>(
        { kind: 'value', name: 'v', serializer: now },
        VOID,
      );
      const list = backend.listState<'void', New>(
        { kind: 'list', name: 'l', serializer: now },
        VOID,
      );
      t.deepEqual(
        value.value(),
        { name: 'Ada', id: 7, city: 'Berlin', note: undefined },
        `${round}`,
      );
      t.deepEqual(
        list.get(),
        [{ name: 'Bob', id: 8, city: 'Berlin', note: undefined }],
        `${round}`,
      );
    }
  });

  test(`${name}: another type of value is OP-E407, of key or namespace OP-E405`, async (t) => {
    const world = new StateWorld(create);
    const backend = await world.open({
      keySerializer: stringSerializer,
    });
    await useKey(backend, 'k');
    counts(backend, longSerializer).update(1);
    const restore = await world.snapshot(backend);
    const keySerializer = stringSerializer;
    const other = await world.open({ restore, keySerializer });
    t.throws(() => counts(other, doubleSerializer), { code: 'OP-E407' });
    const elsewhere = await world.open({ restore, keySerializer });
    const descriptor = { kind: 'value', name: 'count', serializer: longSerializer } as const;
    t.throws(() => elsewhere.valueState(descriptor, longSerializer), { code: 'OP-E405' });
    await t.throwsAsync(world.open({ restore }), { code: 'OP-E405' });
  });
}

function failureContract(test: DeclareCheck, name: string, create: CreateBackend): void {
  test(`${name}: a failed write rejects and leaves nothing behind`, async (t) => {
    const world = new StateWorld(create);
    const backend = await world.open();
    await useKey(backend, 'k');
    profiles(backend).update({ count: 1, tags: [], seen: new Map() });
    world.streams.failWrites(new OnceproofError('OP-E501', 'disk full'));
    await t.throwsAsync(world.startSnapshot(backend), { message: 'disk full' });
    t.is(world.streams.discarded, 1);
    t.is(profiles(backend).value()?.count, 1);
  });

  test(`${name}: OP-E401 names the path, the state and the operator`, async (t) => {
    const world = new StateWorld(create);
    const backend = await world.open();
    const state = backend.valueState<'void', unknown>({ kind: 'value', name: 'v' }, VOID);
    await useKey(backend, 'k');
    const write = async () => {
      state.update({ user: { callback: () => 1 } });
      await world.startSnapshot(backend);
    };
    const error = await t.throwsAsync(write(), { code: 'OP-E401' });
    const { message, place } = error as OnceproofError;
    t.regex(message, /record\.user\.callback: a function/);
    t.regex(place ?? '', /state "v" of operator "counter"/);
  });

  test(`${name}: abort and disposal end a running snapshot`, async (t) => {
    const world = new StateWorld(create);
    const backend = await world.open();
    await useKey(backend, 'k');
    counts(backend).update(1);
    world.streams.hold();
    const aborted = world.startSnapshot(backend);
    const orphaned = world.startSnapshot(backend);
    backend.notifyCheckpointAborted(checkpointId(1));
    const disposed = backend.dispose();
    world.streams.release();
    await disposed;
    await t.throwsAsync(aborted, { message: /checkpoint 1 was aborted|disposed/ });
    await t.throwsAsync(orphaned, { message: /disposed/ });
  });

  test(`${name}: another maximum parallelism is refused`, async (t) => {
    const world = new StateWorld(create);
    const backend = await world.open();
    await useKey(backend, 'k');
    counts(backend).update(1);
    const [handle] = await world.snapshot(backend);
    const open = create({
      operatorName: 'counter',
      maxParallelism: 32,
      range: { first: 0, last: 31 },
      now: () => 0,
      restore: handle === undefined ? [] : [handle],
      read: async (state) => (state.kind === 'inline' ? state.bytes : new Uint8Array()),
    });
    await t.throwsAsync(open, { code: 'OP-E313' });
  });
}
