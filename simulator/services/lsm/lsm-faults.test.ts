// The simulated store on a disk that fails and rots: an error may come at any call, a wrong answer
// at none. And in a world: runs replay exactly, and no crash disturbs a later boot.

import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';

import { FileSystemError } from '../../../engine/environment/filesystem.ts';
import type { KeyValueStore, KeyValueWrite } from '../../../engine/environment/key-value-store.ts';
import { fill } from '../../../engine/environment/key-value-bench.contract.ts';
import { contents, put } from '../../../engine/environment/key-value-vocabulary.contract.ts';
import { address } from '../../../engine/environment/network.ts';
import { bytesOf, fails, textOf } from '../../../engine/environment/vocabulary.contract.ts';
import { DiskBench } from '../../filesystem/disk-bench.ts';
import { SimulatedDisk } from '../../filesystem/simulated-disk.ts';
import { installGuard } from '../../guard/guard.ts';
import { macrotask } from '../../kernel/macrotask.ts';
import { SeededRandom } from '../../random.ts';
import { World } from '../../world.ts';
import { simulatedKeyValueStores } from './simulated-key-value-stores.ts';

type Model = ReadonlyMap<string, string>;
type Fault = 'io-error' | 'no-space' | 'read-only' | 'bit-flip';
type Step =
  | { readonly kind: 'write'; readonly writes: readonly KeyValueWrite[] }
  | { readonly kind: 'read' | 'checkpoint' | 'heal' }
  | { readonly kind: 'fault'; readonly fault: Fault; readonly draw: number };

const aWrite: fc.Arbitrary<KeyValueWrite> = fc
  .tuple(fc.integer({ min: 0, max: 40 }), fc.option(fc.integer({ min: 0, max: 300 })))
  .map(([key, size]) => ({
    key: bytesOf(`key ${key}`),
    value: size === null ? undefined : bytesOf(`${size}${'x'.repeat(size)}`),
  }));
const aStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .array(aWrite, { minLength: 1, maxLength: 20 })
      .map((writes): Step => ({ kind: 'write', writes })),
  },
  { weight: 4, arbitrary: fc.constant<Step>({ kind: 'read' }) },
  { weight: 2, arbitrary: fc.constant<Step>({ kind: 'checkpoint' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'heal' }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom<Fault>('io-error', 'no-space', 'read-only', 'bit-flip'),
        fc.nat(1_000_000),
      )
      .map(([fault, draw]): Step => ({ kind: 'fault', fault, draw })),
  },
);

for (const synchronous of [false, true]) {
  const variant = synchronous ? 'synchronous' : 'asynchronous';
  test(`${variant}: whatever the disk does, an answer is right or an error`, async (t) => {
    const seen = { errors: 0, answers: 0, checkpoints: 0 };
    const property = fc.asyncProperty(
      fc.array(aStep, { minLength: 5, maxLength: 40 }),
      fc.nat(),
      async (steps, seed) => {
        const run = await FaultyRun.start(t, String(seed), { synchronous, seen });
        for (const step of steps) await run.step(step);
        await run.finish();
      },
    );
    await fc.assert(property, { numRuns: 150 });
    for (const count of Object.values(seen)) t.true(count > 50, JSON.stringify(seen));
  });
}

interface Seen {
  errors: number;
  answers: number;
  checkpoints: number;
}

class FaultyRun {
  readonly #t: ExecutionContext;
  readonly #bench: DiskBench;
  readonly #seen: Seen;
  readonly #handles: { heal(): void }[] = [];
  readonly #checkpoints: Model[] = [];
  #store: KeyValueStore;
  #model: Model = new Map();
  #hasRotted = false;

  private constructor(t: ExecutionContext, bench: DiskBench, store: KeyValueStore, seen: Seen) {
    this.#t = t;
    this.#bench = bench;
    this.#store = store;
    this.#seen = seen;
  }

  static async start(
    t: ExecutionContext,
    seed: string,
    { synchronous, seen }: { readonly synchronous: boolean; readonly seen: Seen },
  ): Promise<FaultyRun> {
    const bench = new DiskBench(seed);
    const options = { synchronous, writeBufferBytes: 1_024 };
    const stores = simulatedKeyValueStores(bench.mount(), options);
    return new FaultyRun(t, bench, await stores.open({ directory: '/store' }), seen);
  }

  async step(step: Step): Promise<void> {
    switch (step.kind) {
      case 'write':
        return this.#write(step.writes);
      case 'read':
        return this.#read(this.#store, this.#model);
      case 'checkpoint':
        return this.#checkpoint();
      case 'heal':
        return this.#heal();
      case 'fault':
        return this.#strike(step.fault, step.draw);
    }
  }

  /** Heals, then compares what is left on the disk. */
  async finish(): Promise<void> {
    this.#heal();
    await this.#read(this.#store, this.#model);
    const isClosed = await this.#attempt(this.#store.close());
    const stores = simulatedKeyValueStores(this.#bench.mount());
    const directories = isClosed === undefined ? [] : ['/store'];
    const models = isClosed === undefined ? [] : [this.#model];
    for (const [index, model] of this.#checkpoints.entries()) {
      directories.push(`/chk-${index}`);
      models.push(model);
    }
    for (const [index, directory] of directories.entries()) {
      const opened = await this.#attempt(stores.open({ directory, readOnly: true }));
      if (opened !== undefined) await this.#read(opened, models[index] ?? new Map());
      // What was never damaged can be read.
      if (!this.#hasRotted && this.#isWhole.has(directory)) this.#t.not(opened, undefined);
    }
  }

  readonly #isWhole = new Set(['/store']);

  async #write(writes: readonly KeyValueWrite[]): Promise<void> {
    const done = await this.#attempt(this.#store.write(writes).then(() => true));
    if (done === undefined) return;
    const next = new Map(this.#model);
    for (const { key, value } of writes) {
      if (value === undefined) next.delete(textOf(key));
      else next.set(textOf(key), textOf(value));
    }
    this.#model = next;
  }

  async #read(store: KeyValueStore, model: Model): Promise<void> {
    const scanned = await this.#attempt(contents(store));
    const ascending = [...model].sort(([left], [right]) => (left < right ? -1 : 1));
    const expected = ascending.map(([key, value]) => `${key}=${value}`);
    if (scanned !== undefined) this.#t.deepEqual(scanned, expected);
    const keys = Array.from({ length: 41 }, (_, index) => `key ${index}`);
    const found = await this.#attempt(store.getMany(keys.map(bytesOf)));
    if (found === undefined) return;
    const values = found.map((value) => (value === undefined ? undefined : textOf(value)));
    this.#t.deepEqual(
      values,
      keys.map((key) => model.get(key)),
    );
    this.#seen.answers += 1;
  }

  async #checkpoint(): Promise<void> {
    const directory = `/chk-${this.#checkpoints.length}`;
    this.#checkpoints.push(this.#model);
    const taken = await this.#attempt(this.#store.checkpoint(directory));
    if (taken === undefined) return;
    this.#isWhole.add(directory);
    this.#seen.checkpoints += 1;
  }

  #heal(): void {
    for (const handle of this.#handles.splice(0)) handle.heal();
  }

  #strike(fault: Fault, draw: number): void {
    const { disk } = this.#bench;
    const scope = { probability: 0.02 + (draw % 7) / 20 };
    switch (fault) {
      case 'io-error':
        this.#handles.push(disk.faults.ioError(scope));
        return;
      case 'no-space':
        this.#handles.push(disk.faults.noSpace(scope));
        return;
      case 'read-only':
        this.#handles.push(disk.faults.readOnly(scope));
        return;
      case 'bit-flip': {
        const paths = disk.listAll('/');
        const path = paths[draw % Math.max(1, paths.length)];
        const bytes = path === undefined ? undefined : disk.snapshotView().readAll(path).get(path);
        if (path === undefined || bytes === undefined || bytes.length === 0) return;
        disk.flipBit(path, draw % (bytes.length * 8));
        this.#hasRotted = true;
      }
    }
  }

  /** Undefined for a failure of the disk; nothing else may fail. */
  async #attempt<T>(call: Promise<T>): Promise<T | undefined> {
    try {
      return await call;
    } catch (error) {
      this.#t.true(error instanceof FileSystemError, String(error));
      this.#seen.errors += 1;
      return undefined;
    }
  }
}

test('a failed flush fails later writes and checkpoints, while reads go on', async (t) => {
  const bench = new DiskBench('flush');
  const stores = simulatedKeyValueStores(bench.mount());
  const store = await stores.open({ directory: '/store' });
  await store.write([put('before', '1')]);
  const full = bench.disk.faults.noSpace();
  await store.write([put('large', 'x'.repeat(5_000))]);
  t.is((await contents(store)).length, 2);
  full.heal();
  await fails(t, 'ENOSPC', store.write([put('after', '1')]));
  await fails(t, 'ENOSPC', store.checkpoint('/chk'));
  t.is(await bench.mount().status('/chk'), undefined);
  t.is((await contents(store)).length, 2);
  await fails(t, 'ENOSPC', store.close());
});

test('a checkpoint that fails leaves no directory, and the store goes on', async (t) => {
  const bench = new DiskBench('checkpoint');
  const files = bench.mount();
  const store = await simulatedKeyValueStores(files).open({ directory: '/store' });
  await fill(store, 'first', 200);
  bench.disk.faults.ioError({ countMax: 1 }, ['link']);
  await fails(t, 'EIO', store.checkpoint('/chk'));
  t.is(await files.status('/chk'), undefined);
  await fill(store, 'second', 200);
  t.true((await store.checkpoint('/chk')).immutable.length > 0);
});

const tm = address('tm-1');

async function runWorld(seed: string) {
  const guard = installGuard();
  const world = new World({ seed, drain: macrotask, scope: guard });
  const disk = new SimulatedDisk({ random: new SeededRandom(seed).fork('disk') });
  const counts: number[] = [];
  let boots = 0;
  world.addHost(tm, {
    disk,
    boot: (environment) => {
      const directory = `/disk/${boots++}`;
      void work(environment.services.keyValueStores, directory, counts);
      environment.expectContinuations();
    },
  });
  for (const atMs of [150, 400]) {
    world.at(atMs, 'crash', () => {
      world.crash(tm);
      world.restart(tm);
    });
  }
  await world.run({ until: () => false, deadlineMs: 1_000 });
  guard.restore();
  return { digest: world.digest, counts, files: disk.listAll('/disk/2').length };
}

/** Counts in a store, and notes each time whether all of it is there. */
async function work(
  stores: { open(options: { readonly directory: string }): Promise<KeyValueStore> },
  directory: string,
  counts: number[],
): Promise<void> {
  const store = await stores.open({ directory });
  for (let index = 0; ; index++) {
    await store.write([put(`key ${String(index).padStart(5, '0')}`, 'x'.repeat(200))]);
    if (index % 10 !== 9) continue;
    await store.checkpoint(`${directory}-chk-${index}`);
    counts.push((await contents(store)).length - index);
  }
}

test.serial('in a world it works on virtual time, and a run replays exactly', async (t) => {
  for (const seed of ['aaaaaaaaaaaaaaa1', 'aaaaaaaaaaaaaaa2']) {
    const one = await runWorld(seed);
    t.true(one.counts.length > 5, String(one.counts.length));
    t.true(one.counts.every((count) => count === 1));
    t.true(one.files > 3);
    t.deepEqual(await runWorld(seed), one);
  }
});
