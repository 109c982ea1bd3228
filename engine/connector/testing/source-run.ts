// Drives a Source as the engine does, but step by step: an enumerator, readers, the tracker of
// assignments between them, checkpoints and restarts. What readers emitted counts as the state of a
// job: it goes back with the subtask that emitted it. Messages arrive at once and in order.

import { assert, present } from '../../core/assert.ts';
import { type CheckpointId, checkpointId } from '../../core/ids.ts';
import type { FileSystem } from '../../environment/filesystem.ts';
import { SeededRandom } from '../../environment/seeded-random.ts';
import type {
  ReaderStatus,
  Source,
  SourceReader,
  SourceSplit,
  SplitEnumerator,
} from '../source.ts';
import { ByteWriter } from '../../stream/byte-writer.ts';
import { genericSerializer } from '../../stream/serializers/generic-serializer.ts';
import { SplitAssignmentTracker } from '../split-assignment-tracker.ts';
import { contractBroken } from './contract-check.ts';
import { ManualClock } from './manual-clock.ts';

export interface SourceCheckpoint<S, C> {
  readonly id: CheckpointId;
  readonly enumerator: C;
  /** By subtask. */
  readonly readers: readonly {
    readonly splits: readonly S[];
    readonly emitted: readonly number[];
  }[];
  /** What was emitted before the job last started. */
  readonly inherited: readonly number[];
  /** What the states looked like when they were taken. */
  readonly fingerprint: string;
}

export interface SourceRunOptions<T, S extends SourceSplit, C> {
  readonly source: Source<T, S, C>;
  readonly filesystem: FileSystem;
  /** Which record of the input this is. */
  readonly idOf: (value: T) => number;
}

interface Subtask<T, S extends SourceSplit> {
  readonly reader: SourceReader<T, S>;
  /** Ids, in order. */
  emitted: number[];
  status: ReaderStatus;
}

/** Far more than any contract check needs; a source that gets here makes no progress. */
const ROUNDS_MAX = 10_000;
const IDLE_ADVANCE_MS = 1000;

export class SourceRun<T, S extends SourceSplit, C> {
  readonly clock = new ManualClock();
  readonly #options: SourceRunOptions<T, S, C>;
  readonly #isRegistered = new Set<Subtask<T, S>>();
  readonly #random = new SeededRandom('source-run');
  #subtasks: (Subtask<T, S> | undefined)[] = [];
  #enumerator: SplitEnumerator<S, C> | undefined;
  #tracker = new SplitAssignmentTracker<S>();
  #inFlight = new Set<Promise<void>>();
  #failure: { readonly cause: unknown } | undefined;
  /** Restarts of everything: what an older epoch still does is ignored. */
  #epoch = 0;
  #lastId = 0;
  /** What was emitted up to the checkpoint from which everything started. */
  #inherited: readonly number[] = [];

  constructor(options: SourceRunOptions<T, S, C>) {
    this.#options = options;
  }

  get emitted(): readonly number[] {
    return [...this.#inherited, ...this.#subtasks.flatMap((subtask) => subtask?.emitted ?? [])];
  }

  get parallelism(): number {
    return this.#subtasks.length;
  }

  /** Everything starts, with what `restored` holds; no reader registers before register(). */
  start(parallelism: number, restored: SourceCheckpoint<S, C> | undefined): void {
    this.#epoch++;
    this.#inFlight = new Set();
    this.#tracker = new SplitAssignmentTracker();
    this.#subtasks = Array.from({ length: parallelism }, () => undefined);
    const before = restored?.readers.flatMap(({ emitted }) => emitted) ?? [];
    this.#inherited = [...(restored?.inherited ?? []), ...before];
    if (restored !== undefined) expectUnchanged(restored);
    const context = this.#enumeratorContext(parallelism);
    this.#enumerator = this.#options.source.createEnumerator(
      context,
      restored === undefined ? undefined : plainCopy(restored.enumerator),
    );
    this.#enumerator.start();
    const splits = dealSplits(restored?.readers.map((reader) => reader.splits) ?? [], parallelism);
    splits.forEach((owned, index) => this.#startReader(index, owned));
  }

  /** The reader tells the enumerator that it is there. */
  register(index: number): void {
    this.#isRegistered.add(this.#subtask(index));
    this.#currentEnumerator().addReader(index);
  }

  registerAll(): void {
    for (let index = 0; index < this.parallelism; index++) this.register(index);
  }

  poll(index: number, limit: number): ReaderStatus {
    const subtask = this.#subtask(index);
    // The engine asks no more: the task is ending.
    if (subtask.status === 'end-of-input') return subtask.status;
    let count = 0;
    subtask.status = subtask.reader.pollNext(
      {
        collect: (value) => {
          count++;
          subtask.emitted.push(this.#options.idOf(value));
        },
      },
      limit,
    );
    if (count > limit)
      throw contractBroken(`pollNext() emitted ${count} records of at most ${limit}`);
    return subtask.status;
  }

  /** Waits for all I/O; throws what failed. */
  async settle(): Promise<void> {
    while (this.#inFlight.size > 0 && this.#failure === undefined) {
      await Promise.all(this.#inFlight);
    }
    if (this.#failure !== undefined) throw this.#failure.cause;
  }

  /** Reads until `count` more records came, or all readers are at their end. */
  async read(count: number, limit = 2): Promise<void> {
    const target = this.emitted.length + count;
    for (let round = 0; round < ROUNDS_MAX; round++) {
      let isIdle = true;
      for (let index = 0; index < this.parallelism && this.emitted.length < target; index++) {
        const room = Math.min(limit, target - this.emitted.length);
        if (this.poll(index, room) === 'more-available') isIdle = false;
      }
      if (this.emitted.length >= target || this.#isAtEnd) return;
      await this.settle();
      if (isIdle) this.clock.advance(IDLE_ADVANCE_MS);
    }
    throw contractBroken(`no progress after ${ROUNDS_MAX} rounds of pollNext()`);
  }

  readToEnd(): Promise<void> {
    return this.read(Infinity, 3);
  }

  checkpoint(): SourceCheckpoint<S, C> {
    const id = checkpointId(++this.#lastId);
    const enumerator = this.#currentEnumerator().snapshotState();
    this.#tracker.onCheckpoint(id);
    const readers = this.#subtasks.map((subtask) => ({
      splits: subtask?.reader.snapshotState() ?? [],
      emitted: [...(subtask?.emitted ?? [])],
    }));
    const inherited = this.#inherited;
    const taken = fingerprint({ enumerator, readers });
    return { id, enumerator, readers, inherited, fingerprint: taken };
  }

  complete(checkpoint: SourceCheckpoint<S, C>): void {
    this.#tracker.onCheckpointComplete(checkpoint.id);
    for (const subtask of this.#subtasks) subtask?.reader.notifyCheckpointComplete?.(checkpoint.id);
  }

  /** One subtask fails and goes back alone, at the same parallelism; it does not register yet. */
  resetSubtask(index: number, restored: SourceCheckpoint<S, C> | undefined): void {
    const failed = this.#subtask(index);
    this.#isRegistered.delete(failed);
    failed.reader.close();
    if (restored !== undefined) expectUnchanged(restored);
    const lost = this.#tracker.getAndRemoveUncheckpointedAssignment(index, restored?.id);
    this.#currentEnumerator().addSplitsBack(lost, index);
    const reader = restored?.readers[index];
    this.#startReader(index, reader?.splits ?? []);
    this.#subtask(index).emitted = [...(reader?.emitted ?? [])];
  }

  get #isAtEnd(): boolean {
    return this.#subtasks.every((subtask) => subtask?.status === 'end-of-input');
  }

  #subtask(index: number): Subtask<T, S> {
    return present(this.#subtasks[index], `Cannot use subtask ${index}: it is not started`);
  }

  #currentEnumerator(): SplitEnumerator<S, C> {
    return present(this.#enumerator, 'Cannot use the enumerator: it is not started');
  }

  #startReader(index: number, splits: readonly S[]): void {
    const isStale = (): boolean => this.#subtasks[index]?.reader !== reader;
    const reader = this.#options.source.createReader({
      subtaskIndex: index,
      parallelism: this.parallelism,
      clock: this.clock,
      filesystem: this.#options.filesystem,
      random: this.#random,
      sendSplitRequest: () => {
        if (!isStale()) this.#currentEnumerator().handleSplitRequest(index);
      },
      io: this.#io(isStale),
      wakeUp: () => {},
      schedule: (delayMs, wake) => {
        this.clock.schedule(delayMs, () => {
          if (!isStale()) wake();
        });
      },
    });
    this.#subtasks[index] = { reader, emitted: [], status: 'nothing-available' };
    if (splits.length > 0) reader.addSplits(splits.map(plainCopy));
    reader.start();
  }

  #enumeratorContext(parallelism: number): Parameters<Source<T, S, C>['createEnumerator']>[0] {
    const epoch = this.#epoch;
    return {
      parallelism,
      clock: this.clock,
      filesystem: this.#options.filesystem,
      random: this.#random,
      registeredReaders: () =>
        [...this.#subtasks.keys()].filter((index) => this.#hasRegistered(index)),
      assignSplit: (split, subtask) => this.#assign(split, subtask),
      signalNoMoreSplits: (subtask) => this.#registered(subtask).reader.notifyNoMoreSplits(),
      io: this.#io(() => epoch !== this.#epoch),
    };
  }

  #hasRegistered(index: number): boolean {
    const subtask = this.#subtasks[index];
    return subtask !== undefined && this.#isRegistered.has(subtask);
  }

  #registered(index: number): Subtask<T, S> {
    if (this.#hasRegistered(index)) return this.#subtask(index);
    throw contractBroken(
      `the enumerator talks to subtask ${index}, which has no registered reader`,
    );
  }

  #assign(split: S, index: number): void {
    const { reader, status } = this.#registered(index);
    if (status === 'end-of-input') {
      throw contractBroken(`split "${split.splitId}" is assigned to ${index}, which has ended`);
    }
    for (const [other, subtask] of this.#subtasks.entries()) {
      const owned = subtask?.reader.snapshotState() ?? [];
      if (!owned.some(({ splitId }) => splitId === split.splitId)) continue;
      throw contractBroken(`split "${split.splitId}" is assigned to ${index} and ${other}`);
    }
    this.#tracker.recordSplitAssignment(split, index);
    reader.addSplits([plainCopy(split)]);
  }

  #io(
    isStale: () => boolean,
  ): <R>(label: string, operation: () => Promise<R>, done: (result: R) => void) => void {
    const inFlight = this.#inFlight;
    return (_label, operation, done) => {
      const running = (async () => {
        try {
          const result = await operation();
          if (!isStale()) done(result);
        } catch (cause) {
          if (!isStale()) this.#failure ??= { cause };
        }
      })();
      const tracked = running.then(() => void inFlight.delete(tracked));
      inFlight.add(tracked);
    };
  }
}

function expectUnchanged<S, C>({
  enumerator,
  readers,
  fingerprint: taken,
}: SourceCheckpoint<S, C>): void {
  if (fingerprint({ enumerator, readers }) === taken) return;
  throw contractBroken('a snapshot was changed after it had been taken');
}

/** The bytes that a checkpoint would hold; refuses what is not plain data. */
function fingerprint(state: unknown): string {
  const writer = new ByteWriter();
  genericSerializer.serialize(state, writer);
  return writer.take().join();
}

/** As it comes out of a checkpoint or a message. */
function plainCopy<V>(value: V): V {
  return genericSerializer.copy(value) as V;
}

/** As the engine's list state: unchanged at the same parallelism, dealt out evenly at another. */
function dealSplits<S>(
  old: readonly (readonly S[])[],
  parallelism: number,
): readonly (readonly S[])[] {
  if (old.length === parallelism) return old;
  const dealt: S[][] = Array.from({ length: parallelism }, () => []);
  for (const [index, split] of old.flat().entries()) {
    const owner = dealt[index % parallelism];
    assert(owner !== undefined, `Cannot deal to subtask ${index % parallelism}: it does not exist`);
    owner.push(split);
  }
  return dealt;
}
