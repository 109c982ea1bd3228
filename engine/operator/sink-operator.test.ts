// Two-phase commit against an outside store that survives crashes, window by window.
// W10 (a zombie that still writes) and W12 (ids used again) are up to a sink's own fencing.

import test from 'ava';
import fc from 'fast-check';

import type {
  CommitResult,
  Committer,
  PreparedCommit,
  Sink,
  SinkContext,
  SinkWriter,
} from '../connector/sink.ts';
import { describeError, OnceproofError } from '../core/errors.ts';
import { checkpointId } from '../core/ids.ts';
import { SinkOperator } from './sink-operator.ts';
import {
  type HarnessOptions,
  type HarnessSnapshot,
  OperatorHarness,
} from './testing/operator-harness.ts';

interface Transaction {
  readonly subtask: number;
  readonly token: string;
  readonly values: number[];
  sealedAt: number | undefined;
}

/** The outside world: transactions by id, in the order of their commits. */
class TransactionStore {
  readonly open = new Map<string, Transaction>();
  readonly committed: { readonly id: string; readonly values: readonly number[] }[] = [];
  readonly aborted: string[] = [];
  commitCalls = 0;
  /** Answers given instead of committing, first to last. */
  readonly answers: CommitResult[] = [];

  get values(): readonly number[] {
    return this.committed.flatMap(({ values }) => values);
  }

  commit(id: string): CommitResult {
    this.commitCalls += 1;
    const answer = this.answers.shift();
    if (answer !== undefined) return answer;
    if (this.committed.some((done) => done.id === id)) return { kind: 'committed' };
    const transaction = this.open.get(id);
    if (transaction === undefined) return { kind: 'failed', cause: `"${id}" is gone` };
    this.open.delete(id);
    this.committed.push({ id, values: transaction.values });
    return { kind: 'committed' };
  }

  abort(id: string): void {
    this.open.delete(id);
    this.aborted.push(id);
  }
}

class StoreWriter implements SinkWriter<number, string, number> {
  readonly #store: TransactionStore;
  readonly #context: SinkContext;
  #count: number;
  #current: string | undefined;

  constructor(store: TransactionStore, context: SinkContext, count: number) {
    this.#store = store;
    this.#context = context;
    this.#count = count;
  }

  write(value: number): void {
    const { subtaskIndex: subtask, fencingToken: token } = this.#context;
    if (this.#current === undefined) {
      this.#count += 1;
      this.#current = `${subtask}-${token}-${this.#count}`;
      this.#store.open.set(this.#current, { subtask, token, values: [], sealedAt: undefined });
    }
    this.#store.open.get(this.#current)?.values.push(value);
  }

  isAvailable(): boolean {
    return true;
  }

  prepareCommit(checkpoint: number): PreparedCommit<string, number> {
    const sealed = this.#current;
    this.#current = undefined;
    const transaction = sealed === undefined ? undefined : this.#store.open.get(sealed);
    if (transaction !== undefined) transaction.sealedAt = checkpoint;
    return {
      committables: sealed === undefined ? [] : [sealed],
      writerState: [this.#count],
      durable: Promise.resolve(),
    };
  }

  close(): void {
    if (this.#current !== undefined) this.#store.abort(this.#current);
  }
}

function storeSink(store: TransactionStore): Sink<number, string, number> {
  return {
    name: 'store',
    createWriter: (context, restored) => new StoreWriter(store, context, Math.max(0, ...restored)),
    createCommitter: (): Committer<string> => ({ commit: async (id) => store.commit(id) }),
    async abortLingering({ subtaskIndex, parallelism, fencingToken, restoredCheckpoint }) {
      const restored = restoredCheckpoint ?? 0;
      for (const [id, { subtask, token, sealedAt }] of store.open) {
        if (subtask % parallelism !== subtaskIndex || token === fencingToken) continue;
        if (sealedAt === undefined || sealedAt > restored) store.abort(id);
      }
    },
  };
}

async function open(
  store: TransactionStore,
  options: HarnessOptions = {},
): Promise<OperatorHarness> {
  const operator = new SinkOperator(storeSink(store));
  const harness = await OperatorHarness.open(operator, options);
  await harness.settle();
  return harness;
}

/** The attempt after a crash, from the checkpoint of `restore`. */
const reopen = (store: TransactionStore, restore: readonly HarnessSnapshot[]) =>
  open(store, { restore, attemptNumber: 1 });

async function complete(harness: OperatorHarness, checkpoint: number): Promise<void> {
  harness.notifyCheckpointComplete(checkpoint);
  await harness.settle();
}

const sinkOf = (harness: OperatorHarness): SinkOperator => {
  if (harness.operator instanceof SinkOperator) return harness.operator;
  throw new Error('not a sink');
};

test('what a checkpoint sealed is committed when it completes, and not earlier', async (t) => {
  const store = new TransactionStore();
  const sink = await open(store);
  sink.processElement(42);
  await sink.snapshot(0);
  sink.processElement(43);
  await sink.snapshot(1);
  sink.processElement(44);
  await sink.snapshot(2);
  t.deepEqual(store.values, []);
  await complete(sink, 1);
  t.deepEqual(store.values, [42, 43]);
  t.is(store.open.size, 1);
  t.is(sinkOf(sink).committedCount, 2);
  t.is(sinkOf(sink).pendingCount, 1);
});

test('late and repeated notifications commit nothing twice', async (t) => {
  const store = new TransactionStore();
  const sink = await open(store);
  for (const value of [42, 43, 44]) {
    sink.processElement(value);
    await sink.snapshot(value);
  }
  await complete(sink, 44);
  await complete(sink, 43);
  await complete(sink, 44);
  t.deepEqual(store.values, [42, 43, 44]);
  t.is(store.commitCalls, 3);
});

test('W1: a crash before the seal aborts the current transaction on recovery', async (t) => {
  const store = new TransactionStore();
  const sink = await open(store);
  sink.processElement(1);
  const completed = await sink.snapshot(1);
  await complete(sink, 1);
  sink.processElement(2);
  sink.crash();
  await reopen(store, [completed]);
  t.deepEqual(store.values, [1]);
  t.is(store.open.size, 0);
});

test('W1: a crash before any checkpoint leaves nothing lingering either', async (t) => {
  const store = new TransactionStore();
  const sink = await open(store);
  sink.processElement(1);
  sink.crash();
  await open(store, { attemptNumber: 1 });
  t.is(store.open.size, 0);
  t.deepEqual(store.values, []);
});

test('W2, W3: a transaction sealed for a checkpoint that never completed is aborted', async (t) => {
  const store = new TransactionStore();
  const sink = await open(store);
  sink.processElement(1);
  const completed = await sink.snapshot(1);
  sink.processElement(2);
  await sink.snapshot(2);
  sink.crash();
  await reopen(store, [completed]);
  t.deepEqual(store.values, [1]);
  t.is(store.open.size, 0);
});

test('W5: a crash between completion and notification commits on recovery', async (t) => {
  const store = new TransactionStore();
  const sink = await open(store);
  sink.processElement(1);
  const completed = await sink.snapshot(1);
  sink.crash();
  const recovered = await reopen(store, [completed]);
  t.deepEqual(store.values, [1]);
  t.true(sinkOf(recovered).isAvailable());
});

test('W6: a crash between two commits commits the rest on recovery', async (t) => {
  const store = new TransactionStore();
  const sink = await open(store);
  sink.processElement(1);
  await sink.snapshot(1);
  sink.processElement(2);
  const completed = await sink.snapshot(2);
  sink.notifyCheckpointComplete(2);
  await sink.runOneIo();
  t.deepEqual(store.values, [1]);
  sink.crash();
  await reopen(store, [completed]);
  t.deepEqual(store.values, [1, 2]);
});

test('W7: what was committed before the crash is committed again, in vain', async (t) => {
  const store = new TransactionStore();
  const sink = await open(store);
  sink.processElement(1);
  const completed = await sink.snapshot(1);
  await complete(sink, 1);
  sink.crash();
  const recovered = await reopen(store, [completed]);
  t.deepEqual(store.values, [1]);
  t.is(store.commitCalls, 2);
  t.is(recovered.failure, undefined);
});

test('W8: a lost notification is made up for by the next one', async (t) => {
  const store = new TransactionStore();
  const sink = await open(store);
  sink.processElement(1);
  await sink.snapshot(1);
  sink.processElement(2);
  await sink.snapshot(2);
  await complete(sink, 2);
  t.deepEqual(store.values, [1, 2]);
});

test('W9: what an aborted checkpoint sealed is committed with the next one', async (t) => {
  const store = new TransactionStore();
  const sink = await open(store);
  sink.processElement(1);
  await sink.snapshot(1);
  sink.operator.notifyCheckpointAborted?.(1 as never);
  sink.processElement(2);
  const completed = await sink.snapshot(2);
  sink.crash();
  await reopen(store, [completed]);
  t.deepEqual(store.values, [1, 2]);
});

test('W11: a commit that is impossible fails the task, and is never dropped', async (t) => {
  const store = new TransactionStore();
  const sink = await open(store);
  sink.processElement(1);
  await sink.snapshot(1);
  store.answers.push({ kind: 'failed', cause: 'the transaction timed out' });
  await complete(sink, 1);
  t.true(sink.failure instanceof OnceproofError);
  t.regex(String(sink.failure), /timed out/);
  t.is(sinkOf(sink).pendingCount, 1);
});

test('W13: rescaling gives every pending committable to exactly one subtask', async (t) => {
  const store = new TransactionStore();
  const snapshots: HarnessSnapshot[] = [];
  for (const subtaskIndex of [0, 1, 2]) {
    const sink = await open(store, { subtaskIndex, parallelism: 3 });
    sink.processElement(subtaskIndex);
    await sink.snapshot(1);
    sink.processElement(subtaskIndex + 10);
    snapshots.push(await sink.snapshot(2));
    sink.processElement(subtaskIndex + 20);
    sink.crash();
  }
  for (const subtaskIndex of [0, 1]) {
    await open(store, { subtaskIndex, parallelism: 2, restore: snapshots, attemptNumber: 1 });
  }
  const values = [...store.values].sort((left, right) => left - right);
  t.deepEqual(values, [0, 1, 2, 10, 11, 12]);
  t.is(store.commitCalls, 6);
  t.is(store.open.size, 0);
});

test('checkpoints are committed in ascending order, also after a restore', async (t) => {
  const store = new TransactionStore();
  const sink = await open(store);
  for (const value of [5, 9, 12]) {
    sink.processElement(value);
    await sink.snapshot(value);
  }
  const completed = await sink.snapshot(13);
  sink.crash();
  await reopen(store, [completed]);
  t.deepEqual(store.values, [5, 9, 12]);
});

test('input is held back until the restored committables are committed', async (t) => {
  const store = new TransactionStore();
  const sink = await open(store);
  sink.processElement(1);
  const completed = await sink.snapshot(1);
  sink.crash();
  const operator = new SinkOperator(storeSink(store));
  const recovered = await OperatorHarness.open(operator, {
    restore: [completed],
    attemptNumber: 1,
  });
  t.false(operator.isAvailable());
  t.false(operator.isDone());
  const early = await recovered.snapshot(2);
  await recovered.runOneIo();
  t.deepEqual(recovered.pendingIo, ['abort what lingers of "operator under test"']);
  t.false(operator.isAvailable());
  t.false(operator.isDone());
  await recovered.settle();
  t.true(operator.isAvailable());
  t.true(operator.isDone());
  t.true(recovered.wakeUps > 0);
  recovered.crash();
  // The snapshot taken in between still knows the committable and the writer's state.
  const third = await open(store, { restore: [early], attemptNumber: 2 });
  third.processElement(2);
  await third.snapshot(3);
  await complete(third, 3);
  t.deepEqual(
    store.committed.map(({ id }) => id),
    ['0-e1a0-1', '0-e1a2-2'],
  );
});

test('a retry waits longer each time, then the limit fails the task', async (t) => {
  const store = new TransactionStore();
  const sink = await open(store);
  sink.processElement(1);
  await sink.snapshot(1);
  for (let answer = 0; answer < 11; answer++) store.answers.push({ kind: 'retry', cause: 'busy' });
  await complete(sink, 1);
  const waits: number[] = [];
  while (sink.failure === undefined) {
    const [next] = sink.time.scheduledTimes;
    if (next === undefined) return t.fail('no retry is scheduled');
    waits.push(next - sink.time.now());
    sink.time.advanceTo(next);
    await sink.settle();
  }
  t.deepEqual(waits, [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000]);
  t.regex(describeError(sink.failure), /busy, after 10 retries/);
  return undefined;
});

test('a retry that succeeds commits once and goes on', async (t) => {
  const store = new TransactionStore();
  const sink = await open(store);
  sink.processElement(1);
  await sink.snapshot(1);
  sink.processElement(2);
  await sink.snapshot(2);
  store.answers.push({ kind: 'retry', cause: 'busy' });
  await complete(sink, 2);
  t.deepEqual(store.values, []);
  sink.time.advanceTo(100);
  await sink.settle();
  t.deepEqual(store.values, [1, 2]);
});

test('the last seal goes with the checkpoint after finish(); the end waits for it', async (t) => {
  const store = new TransactionStore();
  const sink = await open(store);
  const operator = sinkOf(sink);
  sink.processElement(42);
  await sink.snapshot(0);
  sink.processElement(43);
  await sink.snapshot(1);
  sink.processElement(44);
  operator.finish();
  t.false(operator.isDone());
  await sink.snapshot(2);
  t.false(operator.isDone());
  await complete(sink, 1);
  t.deepEqual(store.values, [42, 43]);
  t.false(operator.isDone());
  t.is(store.open.size, 1);
  const wakeUps = sink.wakeUps;
  await complete(sink, 2);
  t.deepEqual(store.values, [42, 43, 44]);
  t.true(operator.isDone());
  t.true(sink.wakeUps > wakeUps);
});

test('after the last seal further checkpoints seal nothing but keep what is pending', async (t) => {
  const store = new TransactionStore();
  const sink = await open(store);
  sink.processElement(42);
  sinkOf(sink).finish();
  await sink.snapshot(1);
  const second = await sink.snapshot(2);
  sink.crash();
  const recovered = await reopen(store, [second]);
  t.deepEqual(store.values, [42]);
  t.deepEqual(store.aborted, []);
  sinkOf(recovered).finish();
  await recovered.snapshot(3);
  await complete(recovered, 3);
  t.true(sinkOf(recovered).isDone());
});

test('a task that stops for a savepoint waits for nothing sealed later', async (t) => {
  const store = new TransactionStore();
  const sink = await open(store);
  sink.processElement(42);
  await sink.snapshot(1);
  sink.processElement(43);
  await sink.snapshot(2);
  t.false(sinkOf(sink).isDone(checkpointId(1)));
  await complete(sink, 1);
  t.deepEqual(store.values, [42]);
  t.true(sinkOf(sink).isDone(checkpointId(1)));
  t.false(sinkOf(sink).isDone());
});

test('a record after finish() is a bug in the task', async (t) => {
  const sink = await open(new TransactionStore());
  sinkOf(sink).finish();
  t.throws(() => sink.processElement(1), { message: /it is finished/ });
});

test('without checkpoints everything is committed at the end of the data', async (t) => {
  const store = new TransactionStore();
  const sink = await open(store, { checkpointing: false });
  sink.processElement(1);
  sink.processElement(2);
  sinkOf(sink).finish();
  t.false(sinkOf(sink).isDone());
  await sink.settle();
  t.deepEqual(store.values, [1, 2]);
  t.true(sinkOf(sink).isDone());
});

test('close() aborts the current transaction and nothing that is sealed', async (t) => {
  const store = new TransactionStore();
  const sink = await open(store);
  sink.processElement(1);
  await sink.snapshot(1);
  sink.processElement(2);
  sink.close();
  t.deepEqual(store.aborted, ['0-e1a0-2']);
  t.true(store.open.has('0-e1a0-1'));
});

test('after close() neither a retry nor a commit is begun', async (t) => {
  const store = new TransactionStore();
  const sink = await open(store);
  sink.processElement(1);
  await sink.snapshot(1);
  store.answers.push({ kind: 'retry', cause: 'busy' });
  await complete(sink, 1);
  sink.close();
  sink.time.advanceTo(1_000_000);
  t.deepEqual(sink.pendingIo, []);
});

test('what a writer throws names the operator', async (t) => {
  const sink = new SinkOperator({
    name: 'broken',
    createWriter: () => ({
      write: () => {
        throw new Error('disk on fire');
      },
      isAvailable: () => true,
      prepareCommit: () => ({ committables: [], writerState: [], durable: undefined }),
      close: () => undefined,
    }),
    createCommitter: () => ({ commit: async () => ({ kind: 'committed' }) }),
  });
  const harness = await OperatorHarness.open(sink);
  const error = t.throws(() => harness.processElement(1), { instanceOf: OnceproofError });
  t.is(error?.code, 'OP-E201');
  t.regex(error?.message ?? '', /operator under test.*disk on fire/);
});

type Step = 'write' | 'snapshot' | 'complete' | 'abort' | 'crash' | 'one-io';
const steps = fc.array(
  fc.constantFrom<Step>('write', 'write', 'snapshot', 'complete', 'abort', 'crash', 'one-io'),
  { maxLength: 40 },
);

test('whatever fails when, every record is committed exactly once', async (t) => {
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      const store = new TransactionStore();
      const run = new FaultyRun(store);
      await run.start();
      for (const step of sequence) await run.step(step);
      await run.drain();
      const values = [...store.values].sort((left, right) => left - right);
      const expected = Array.from({ length: run.written }, (_, index) => index);
      t.deepEqual(values, expected);
    }),
    { numRuns: 200 },
  );
});

/** Replays a counter: after a crash the writes after the completed checkpoint come again. */
class FaultyRun {
  readonly #store: TransactionStore;
  #harness: OperatorHarness | undefined;
  #attempt = 0;
  #checkpoint = 0;
  #position = 0;
  #pending: { snapshot: HarnessSnapshot; position: number }[] = [];
  #completed: { snapshot: HarnessSnapshot; position: number } | undefined;

  constructor(store: TransactionStore) {
    this.#store = store;
  }

  get written(): number {
    return this.#position;
  }

  async start(): Promise<void> {
    const restore = this.#completed === undefined ? [] : [this.#completed.snapshot];
    this.#position = this.#completed?.position ?? 0;
    this.#pending = [];
    this.#harness = await open(this.#store, { restore, attemptNumber: this.#attempt });
    this.#attempt += 1;
  }

  async step(step: Step): Promise<void> {
    const harness = this.#harness;
    if (harness === undefined) return;
    if (step === 'write') harness.processElement(this.#position++);
    if (step === 'snapshot') await this.#snapshot(harness);
    if (step === 'complete') this.#complete(harness);
    if (step === 'abort') this.#pending.pop();
    if (step === 'one-io' && harness.pendingIo.length > 0) await harness.runOneIo();
    if (step !== 'crash') return;
    harness.crash();
    await this.start();
  }

  async drain(): Promise<void> {
    await this.step('snapshot');
    this.#harness?.notifyCheckpointComplete(this.#checkpoint);
    await this.#harness?.settle();
  }

  async #snapshot(harness: OperatorHarness): Promise<void> {
    this.#checkpoint += 1;
    const snapshot = await harness.snapshot(this.#checkpoint);
    this.#pending.push({ snapshot, position: this.#position });
  }

  #complete(harness: OperatorHarness): void {
    const newest = this.#pending.pop();
    if (newest === undefined) return;
    this.#completed = newest;
    this.#pending = [];
    // Every third notification is lost.
    if (this.#checkpoint % 3 !== 0) harness.notifyCheckpointComplete(newest.snapshot.checkpoint);
  }
}
