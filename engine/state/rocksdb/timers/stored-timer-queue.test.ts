// Timers in the store against a plain set, and against the heap: whatever is set, removed, fired,
// written, moved to other subtasks or to the other kind of timers, and with hardly any of them in
// memory.

import test from 'ava';
import fc from 'fast-check';

import { longSerializer } from '../../../stream/serializers/primitive-serializers.ts';
import { keyGroupOf, operatorIndexOf } from '../../key-groups.ts';
import type { KeyedStateBackend } from '../../state-backend.ts';
import type { KeyedStateHandle } from '../../state-handle.ts';
import { RocksDBWorld } from '../../testing/rocksdb-world.ts';
import { takeTimers } from '../../testing/take-timers.ts';

const KEYS = ['a', 'b', 3, { c: [4] }, 'e', 6];
const NAME = 'timers';

interface Timer {
  readonly timestamp: number;
  readonly key: number;
  readonly namespace: number;
}
type Step =
  | { readonly kind: 'add' | 'remove'; readonly timer: Timer }
  | { readonly kind: 'fire'; readonly timestamp: number }
  | { readonly kind: 'flush' };

const timestamp = fc.oneof(
  { arbitrary: fc.integer({ min: -4, max: 12 }), weight: 9 },
  { arbitrary: fc.constantFrom(-(2 ** 40), 2 ** 33 + 1, Number.MAX_SAFE_INTEGER - 1), weight: 1 },
);
const timer: fc.Arbitrary<Timer> = fc.record({
  timestamp,
  key: fc.nat(KEYS.length - 1),
  namespace: fc.nat(1),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.record({ kind: fc.constant('add' as const), timer }), weight: 12 },
  { arbitrary: fc.record({ kind: fc.constant('remove' as const), timer }), weight: 4 },
  { arbitrary: fc.record({ kind: fc.constant('fire' as const), timestamp }), weight: 2 },
  { arbitrary: fc.constant<Step>({ kind: 'flush' }), weight: 1 },
);
const round = fc.record({
  steps: fc.array(step, { maxLength: 60, size: 'max' }),
  parallelism: fc.integer({ min: 1, max: 3 }),
  isSavepoint: fc.boolean(),
  isOnHeap: fc.boolean(),
});
type Round = ReturnType<typeof round.generate>['value'];

const textOf = ({ timestamp: at, key, namespace }: Omit<Timer, 'key'> & { key: unknown }) =>
  `${JSON.stringify(key)}@${at}#${namespace}`;

function queueOf(backend: KeyedStateBackend) {
  return backend.timerQueue<number>(NAME, longSerializer);
}

class Model {
  readonly timers = new Map<string, number>();

  due(until: number): readonly string[] {
    const due = [...this.timers].filter(([, at]) => at <= until).map(([text]) => text);
    for (const text of due) this.timers.delete(text);
    return due.sort();
  }
}

interface Stage {
  readonly world: RocksDBWorld;
  readonly subtasks: readonly KeyedStateBackend[];
  readonly model: Model;
}

async function perform(
  t: { deepEqual(actual: unknown, expected: unknown): unknown; true(value: boolean): unknown },
  next: Step,
  { world, subtasks, model }: Stage,
): Promise<void> {
  if (next.kind === 'flush') {
    // Whatever is written has to be read again.
    for (const backend of subtasks) await world.start(backend, world.savepoints);
  } else if (next.kind === 'fire') {
    const fired: string[] = [];
    for (const backend of subtasks) {
      const taken = await takeTimers(backend, NAME, queueOf(backend), next.timestamp);
      const times = taken.map((each) => each.timestamp);
      t.deepEqual(
        times,
        times.toSorted((left, right) => left - right),
      );
      fired.push(...taken.map(textOf));
    }
    t.deepEqual(fired.sort(), model.due(next.timestamp));
  } else change(t, next, subtasks, model);
  const [only] = subtasks;
  const earliest = Math.min(...model.timers.values());
  if (subtasks.length > 1 || only === undefined) return;
  t.true((queueOf(only).earliest ?? Number.POSITIVE_INFINITY) <= earliest);
}

function change(
  t: { true(value: boolean): unknown },
  next: Extract<Step, { kind: 'add' | 'remove' }>,
  subtasks: readonly KeyedStateBackend[],
  model: Model,
): void {
  const key = KEYS[next.timer.key];
  const group = keyGroupOf(key, 16);
  const backend = subtasks[operatorIndexOf(group, subtasks.length, 16)];
  if (backend === undefined) throw new Error('no subtask has the key');
  const queue = queueOf(backend);
  const each = { ...next.timer, key };
  const head = queue.peek()?.timestamp;
  if (next.kind === 'add') {
    const isNewHead = queue.add(each);
    t.true(head === undefined || isNewHead === each.timestamp < head);
    model.timers.set(textOf(each), each.timestamp);
  } else {
    queue.remove(each);
    model.timers.delete(textOf(each));
  }
}

async function moved(
  world: RocksDBWorld,
  subtasks: readonly KeyedStateBackend[],
  isSavepoint: boolean,
): Promise<readonly KeyedStateHandle[]> {
  const handles: KeyedStateHandle[] = [];
  for (const backend of subtasks) {
    const handle = await world.start(backend, isSavepoint ? world.savepoints : world.streams);
    if (handle !== undefined) handles.push(handle);
    await backend.dispose();
  }
  return handles;
}

for (const isSynchronous of [false, true]) {
  const how = isSynchronous ? 'synchronously' : 'asynchronously';
  test(`timers fire once, in order, after any moves, ${how}`, async (t) => {
    const property = fc.asyncProperty(
      fc.array(round, { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 2, max: 6 }),
      async (rounds: readonly Round[], timerCacheSize) => {
        const worlds = [
          new RocksDBWorld({ incremental: true, cacheBytes: 0 }, isSynchronous),
          new RocksDBWorld(
            { incremental: true, cacheBytes: 0, timerService: 'rocksdb', timerCacheSize },
            isSynchronous,
          ),
        ];
        const model = new Model();
        let restore: readonly KeyedStateHandle[] = [];
        for (const { steps, parallelism, isSavepoint, isOnHeap } of rounds) {
          const world = worlds[isOnHeap ? 0 : 1];
          if (world === undefined) throw new Error('no world');
          const subtasks: KeyedStateBackend[] = [];
          for (let index = 0; index < parallelism; index++) {
            subtasks.push(await world.open({ restore, subtask: [index, parallelism] }));
          }
          for (const backend of subtasks) queueOf(backend);
          for (const next of steps) await perform(t, next, { world, subtasks, model });
          restore = await moved(world, subtasks, isSavepoint);
        }
        const [world] = worlds;
        if (world === undefined) throw new Error('no world');
        const heap = await world.open({ restore });
        const stage = { world, subtasks: [heap], model };
        await perform(t, { kind: 'fire', timestamp: Number.MAX_SAFE_INTEGER }, stage);
        t.deepEqual([...model.timers], []);
        t.is(queueOf(heap).size, 0);
      },
    );
    await fc.assert(property, { numRuns: 120 });
  });
}
