// The KeyValueStore contract as a property: whatever is called in whatever order, a store and all
// its checkpoints hold what a sorted map would.

import test from 'ava';
import fc from 'fast-check';

import type { KeyValueStore, KeyValueWrite } from './key-value-store.ts';
import { type OpenStores, StoreBench } from './key-value-bench.contract.ts';
import { contents, get, scan } from './key-value-vocabulary.contract.ts';
import { bytesOf, textOf } from './vocabulary.contract.ts';

type Model = ReadonlyMap<string, string>;

/** What a call changes and checks; `Calls` are made without awaiting the ones before. */
interface World {
  store: KeyValueStore;
  model: Model;
  readonly checkpoints: Model[];
  readonly checks: (() => Promise<void>)[];
}

type Call =
  | { readonly kind: 'write'; readonly writes: readonly KeyValueWrite[] }
  | { readonly kind: 'get'; readonly keys: readonly string[] }
  | { readonly kind: 'scan'; readonly from: string; readonly to: string; readonly limit: number }
  | { readonly kind: 'checkpoint' | 'settle' | 'reopen' };

const aKey = fc
  .array(fc.constantFrom('\0', 'a', 'b', '\x80', '\xff'), { minLength: 1, maxLength: 3 })
  .map((units) => units.join(''));
/** Some fill a buffer on their own. */
const aValue = fc.oneof(
  fc.string({ unit: 'binary-ascii', maxLength: 4 }),
  fc.integer({ min: 100, max: 1_200 }).map((length) => 'x'.repeat(length)),
);
const aWrite: fc.Arbitrary<KeyValueWrite> = fc
  .tuple(aKey, fc.option(aValue, { nil: undefined }))
  .map(([key, value]) => ({
    key: bytesOf(key),
    value: value === undefined ? undefined : bytesOf(value),
  }));
const aCall: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .array(aWrite, { maxLength: 6 })
      .map((writes): Call => ({ kind: 'write', writes })),
  },
  {
    weight: 3,
    arbitrary: fc.array(aKey, { maxLength: 4 }).map((keys): Call => ({ kind: 'get', keys })),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(aKey, aKey, fc.constantFrom(1, 2, 99))
      .map(([from, to, limit]): Call => ({ kind: 'scan', from, to, limit })),
  },
  { weight: 2, arbitrary: fc.constant<Call>({ kind: 'checkpoint' }) },
  { weight: 1, arbitrary: fc.constant<Call>({ kind: 'settle' }) },
  { weight: 1, arbitrary: fc.constant<Call>({ kind: 'reopen' }) },
);

export function modelContract(name: string, open: OpenStores, numRuns: number): void {
  test(`${name}: store and checkpoints hold what a sorted map would`, async (t) => {
    const under = await open(t);
    let runCount = 0;
    const property = fc.asyncProperty(
      fc.array(aCall, { minLength: 1, maxLength: 30 }),
      async (calls) => {
        const run = `/run-${runCount++}`;
        const bench = new StoreBench(t, under);
        const world: World = {
          store: await bench.open(`${run}/store`),
          model: new Map(),
          checkpoints: [],
          checks: [],
        };
        for (const call of calls) {
          if (call.kind === 'reopen') await world.store.close();
          if (call.kind === 'reopen') world.store = await bench.open(`${run}/store`);
          if (call.kind === 'settle') await settle(world);
          apply(world, call, run, (actual, expected) => t.deepEqual(actual, expected));
        }
        await settle(world);
        t.deepEqual(await contents(world.store), texts(world.model));
        await world.store.close();
        for (const [index, model] of world.checkpoints.entries()) {
          const reader = await bench.open(`${run}/chk-${index}`, true);
          t.deepEqual(await contents(reader), texts(model));
          await reader.close();
        }
      },
    );
    await fc.assert(property, { numRuns });
  });
}

function apply(
  world: World,
  call: Call,
  run: string,
  same: (actual: unknown, expected: unknown) => void,
): void {
  const { store, model } = world;
  switch (call.kind) {
    case 'write': {
      world.model = written(model, call.writes);
      const done = store.write(call.writes);
      world.checks.push(() => done);
      return;
    }
    case 'get': {
      const found = get(store, ...call.keys);
      const expected = call.keys.map((key) => model.get(key));
      world.checks.push(async () => same(await found, expected));
      return;
    }
    case 'scan': {
      const found = scan(store, call.from, call.to, call.limit);
      const inRange = [...model].filter(([key]) => key >= call.from && key < call.to);
      const expected = texts(new Map(inRange)).slice(0, call.limit);
      world.checks.push(async () => same(await found, expected));
      return;
    }
    case 'checkpoint': {
      const done = store.checkpoint(`${run}/chk-${world.checkpoints.length}`);
      world.checkpoints.push(model);
      world.checks.push(async () => void (await done));
      return;
    }
    case 'settle':
    case 'reopen':
  }
}

async function settle(world: World): Promise<void> {
  const checks = world.checks.splice(0);
  await Promise.all(checks.map((check) => check()));
}

function written(model: Model, writes: readonly KeyValueWrite[]): Model {
  const next = new Map(model);
  for (const { key, value } of writes) {
    if (value === undefined) next.delete(textOf(key));
    else next.set(textOf(key), textOf(value));
  }
  return next;
}

function texts(model: Model): string[] {
  const ascending = [...model].sort(([left], [right]) => (left < right ? -1 : 1));
  return ascending.map(([key, value]) => `${key}=${value}`);
}
