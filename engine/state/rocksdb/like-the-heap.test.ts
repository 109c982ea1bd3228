// Whatever a job does, RocksDB and the heap agree: in what is read, in digests, and in what is read
// back from checkpoints and savepoints of either, at any parallelism and with hardly any cache.

import test from 'ava';
import fc from 'fast-check';

import { longSerializer } from '../../stream/serializers/primitive-serializers.ts';
import type { KeyedStateBackend } from '../state-backend.ts';
import { keyGroupOf, operatorIndexOf } from '../key-groups.ts';
import type { KeyedStateHandle } from '../state-handle.ts';
import { batch, RocksDBWorld } from '../testing/rocksdb-world.ts';
import { VOID } from '../testing/state-world.ts';

const KEYS = Array.from({ length: 24 }, (_, index) =>
  index % 3 === 0 ? index : index % 3 === 1 ? `user-${index}` : { id: index, part: [index] },
);

interface Step {
  readonly what: 'value' | 'list' | 'map' | 'window' | 'clear' | 'merge' | 'timer';
  readonly key: number;
  readonly number: number;
}

type Subtasks = readonly KeyedStateBackend[];

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom('value', 'list', 'map', 'window', 'clear', 'merge', 'timer'),
  key: fc.nat(KEYS.length - 1),
  number: fc.nat(3),
});
const round = fc.record({
  batches: fc.array(fc.array(step, { minLength: 1, maxLength: 12 }), { maxLength: 5 }),
  parallelism: fc.integer({ min: 1, max: 3 }),
  isSavepoint: fc.boolean(),
  swaps: fc.boolean(),
});

function statesOf(backend: KeyedStateBackend) {
  return {
    value: backend.valueState<'void', unknown>({ kind: 'value', name: 'value' }, VOID),
    list: backend.listState<'void', number>({ kind: 'list', name: 'list' }, VOID),
    map: backend.mapState<'void', number, string>({ kind: 'map', name: 'map' }, VOID),
    window: backend.listState<number, number>({ kind: 'list', name: 'window' }, longSerializer),
    panes: backend.mapState<number, string, number>({ kind: 'map', name: 'panes' }, longSerializer),
    timers: backend.timerQueue<'void'>('timers', VOID),
  };
}

/** What the step saw before it changed anything. */
function apply(backend: KeyedStateBackend, { what, key, number }: Step): unknown {
  const { value, list, map, window, panes, timers } = statesOf(backend);
  window.setCurrentNamespace(number);
  panes.setCurrentNamespace(number);
  const seen = [
    value.value(),
    list.get(),
    [...map.entries()].sort(([left], [right]) => left - right),
    window.get(),
    [...panes.entries()],
    map.get(number),
    map.isEmpty(),
  ];
  if (what === 'value') value.update({ number, was: value.value() === undefined });
  else if (what === 'list') list.addAll([number, key]);
  else if (what === 'map' && map.contains(number)) map.remove(number);
  else if (what === 'map') map.put(number, `v${key}`);
  else if (what === 'window') {
    window.add(key);
    panes.put('n', (panes.get('n') ?? 0) + 1);
  } else if (what === 'clear') [value, list, map, panes].forEach((state) => state.clear());
  else if (what === 'merge')
    window.mergeNamespaces(
      number,
      [0, 1, 2, 3].filter((n) => n !== number),
    );
  else timers.add({ key: KEYS[key], namespace: 'void', timestamp: number });
  return seen;
}

async function run(
  subtasks: Subtasks,
  steps: readonly Step[],
  maxParallelism: number,
): Promise<readonly unknown[]> {
  const seen: unknown[] = [];
  for (const [index, backend] of subtasks.entries()) {
    const mine = steps.filter(({ key }) => {
      const group = keyGroupOf(KEYS[key], maxParallelism);
      return operatorIndexOf(group, subtasks.length, maxParallelism) === index;
    });
    await batch(
      backend,
      mine.map(({ key }) => KEYS[key]),
      () => undefined,
    );
    for (const each of mine) {
      backend.setCurrentKey(KEYS[each.key]);
      seen.push(apply(backend, each));
    }
  }
  return seen;
}

async function handlesOf(world: RocksDBWorld, subtasks: Subtasks, isSavepoint: boolean) {
  const handles: KeyedStateHandle[] = [];
  for (const backend of subtasks) {
    const streams = isSavepoint ? world.savepoints : world.streams;
    const handle = await world.start(backend, streams);
    if (handle !== undefined) handles.push(handle);
    backend.notifyCheckpointComplete(world.lastCheckpoint);
    await backend.dispose();
  }
  return handles;
}

async function openAll(
  world: RocksDBWorld,
  where: 'heap' | 'rocksdb',
  parallelism: number,
  restore: readonly KeyedStateHandle[],
): Promise<Subtasks> {
  const subtasks: KeyedStateBackend[] = [];
  for (let index = 0; index < parallelism; index++) {
    const options = { restore, subtask: [index, parallelism] } as const;
    subtasks.push(await (where === 'heap' ? world.openHeap(options) : world.open(options)));
  }
  for (const backend of subtasks) statesOf(backend);
  return subtasks;
}

for (const [name, cacheBytes, isSynchronous] of [
  ['with a cache', 1 << 20, false],
  ['with hardly any cache', 600, false],
  ['with a synchronous store', 600, true],
] as const) {
  test(`RocksDB ${name} and the heap agree, and exchange savepoints`, async (t) => {
    const property = fc.asyncProperty(
      fc.array(round, { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      async (rounds, incremental) => {
        const world = new RocksDBWorld({ incremental, cacheBytes }, isSynchronous);
        let places: readonly ['heap' | 'rocksdb', 'heap' | 'rocksdb'] = ['heap', 'rocksdb'];
        let restore: readonly (readonly KeyedStateHandle[])[] = [[], []];
        for (const { batches, parallelism, isSavepoint, swaps } of rounds) {
          const left = await openAll(world, places[0], parallelism, restore[0] ?? []);
          const right = await openAll(world, places[1], parallelism, restore[1] ?? []);
          for (const steps of batches) {
            t.deepEqual(
              await run(left, steps, world.maxParallelism),
              await run(right, steps, world.maxParallelism),
            );
          }
          const digests = (subtasks: Subtasks) => subtasks.map((each) => each.logicalDigest());
          t.deepEqual(digests(left), digests(right));
          const isCanonical = isSavepoint || swaps || !incremental;
          restore = [
            await handlesOf(world, left, isCanonical),
            await handlesOf(world, right, isCanonical),
          ];
          if (swaps) places = [places[1], places[0]];
        }
        t.deepEqual(world.filesystem.paths(), []);
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });
}
