// Drives a Sink through the two-phase protocol as the engine does, but step by step, so that a
// check can stop between any two steps. Records are the numbers 0, 1, 2, ...; record i goes to
// subtask i % parallelism. What a checkpoint holds survives kill(); everything else dies with the
// attempts.

import { assert } from '../../core/assert.ts';
import { type CheckpointId, checkpointId } from '../../core/ids.ts';
import type { FileSystem } from '../../environment/filesystem.ts';
import { SeededRandom } from '../../environment/seeded-random.ts';
import { ByteReader } from '../../stream/byte-reader.ts';
import { ByteWriter } from '../../stream/byte-writer.ts';
import { NO_TIMESTAMP } from '../../stream/elements.ts';
import { genericSerializer } from '../../stream/serializers/generic-serializer.ts';
import type { Committer, Sink, SinkContext, SinkWriter } from '../sink.ts';
import { contractBroken } from './contract-check.ts';
import { ManualClock } from './manual-clock.ts';

interface Lineage<C> {
  readonly checkpoint: CheckpointId;
  readonly committable: C;
}

/** What is in a checkpoint: plain data only. */
export interface SinkCheckpoint<C, WS> {
  readonly id: CheckpointId;
  readonly nextRecord: number;
  /** By subtask. */
  readonly committables: readonly (readonly Lineage<C>[])[];
  readonly writerStates: readonly (readonly WS[])[];
}

interface Subtask<IN, C, WS> {
  readonly writer: SinkWriter<IN, C, WS>;
  readonly committer: Committer<C>;
  committables: Lineage<C>[];
}

export interface SinkRunOptions<IN, C, WS> {
  readonly sink: Sink<IN, C, WS>;
  readonly filesystem: FileSystem;
  readonly record: (id: number) => IN;
}

/** Flink's COMMITTER_RETRIES. */
const COMMIT_ATTEMPTS_MAX = 10;

export class SinkRun<IN, C, WS> {
  readonly #options: SinkRunOptions<IN, C, WS>;
  readonly #clock = new ManualClock();
  readonly #random = new SeededRandom('sink-run');
  #subtasks: Subtask<IN, C, WS>[] = [];
  #inFlight = new Set<Promise<void>>();
  #failure: { readonly cause: unknown } | undefined;
  #attempt = 0;
  /** Of the present attempts. A dead one's I/O gets no answers, as on a host that has stopped. */
  #life = { isOver: false };
  #lastId = 0;
  #nextRecord = 0;

  constructor(options: SinkRunOptions<IN, C, WS>) {
    this.#options = options;
  }

  /** How many records were written since the start or the restored checkpoint. */
  get nextRecord(): number {
    return this.#nextRecord;
  }

  /** Starts attempts with what `restored` holds, commits that again, goes on from its record. */
  async start(parallelism: number, restored: SinkCheckpoint<C, WS> | undefined): Promise<void> {
    this.#attempt++;
    this.#life.isOver = true;
    this.#life = { isOver: false };
    this.#failure = undefined;
    this.#inFlight = new Set();
    this.#nextRecord = restored?.nextRecord ?? 0;
    this.#subtasks = [];
    const contexts = Array.from({ length: parallelism }, (_, index) =>
      this.#context(index, parallelism, restored?.id),
    );
    for (const context of contexts) await this.#options.sink.abortLingering?.(context);
    const committables = redistribute(restored?.committables ?? [], parallelism);
    const states = redistribute(restored?.writerStates ?? [], parallelism);
    for (const [index, context] of contexts.entries()) {
      this.#subtasks.push({
        writer: this.#options.sink.createWriter(context, (states[index] ?? []).map(plainCopy)),
        committer: this.#options.sink.createCommitter(context),
        committables: (committables[index] ?? []).map(plainCopy),
      });
    }
    if (restored !== undefined) await this.commit(restored.id);
  }

  async write(count: number): Promise<void> {
    for (let written = 0; written < count; written++) {
      const subtask = this.#subtask(this.#nextRecord % this.#subtasks.length);
      if (!subtask.writer.isAvailable()) await this.settle();
      if (!subtask.writer.isAvailable()) throw contractBroken('a writer never becomes available');
      subtask.writer.write(this.#options.record(this.#nextRecord), NO_TIMESTAMP);
      this.#nextRecord++;
    }
  }

  /** The barrier passes all writers; resolves once all is durable, as an acknowledgement would. */
  async prepare(endOfInput = false): Promise<SinkCheckpoint<C, WS>> {
    const { checkpoint, durable } = this.barrier(endOfInput);
    await this.#waitFor(durable);
    return checkpoint;
  }

  /** The synchronous part of prepare(). */
  barrier(endOfInput = false): {
    readonly checkpoint: SinkCheckpoint<C, WS>;
    readonly durable: Promise<unknown>;
  } {
    const id = checkpointId(++this.#lastId);
    const promises: Promise<void>[] = [];
    const writerStates: (readonly WS[])[] = [];
    for (const subtask of this.#subtasks) {
      const prepared = subtask.writer.prepareCommit(id, endOfInput);
      for (const committable of prepared.committables) {
        subtask.committables.push({ checkpoint: id, committable });
      }
      writerStates.push(prepared.writerState);
      if (prepared.durable !== undefined) promises.push(prepared.durable);
    }
    const committables = this.#subtasks.map((subtask) => [...subtask.committables]);
    const checkpoint = { id, nextRecord: this.#nextRecord, committables, writerStates };
    return { checkpoint, durable: Promise.all(promises) };
  }

  /** Commits everything up to `id`, on the given subtasks only, ascending. */
  async commit(id: CheckpointId, only?: readonly number[]): Promise<void> {
    for (const [index, subtask] of this.#subtasks.entries()) {
      if (only !== undefined && !only.includes(index)) continue;
      const due = subtask.committables.filter(({ checkpoint }) => checkpoint <= id);
      for (const { committable } of due) await this.#commitOne(subtask.committer, committable);
      subtask.committables = subtask.committables.filter(({ checkpoint }) => checkpoint > id);
    }
  }

  /** Waits for all I/O; throws what failed. */
  async settle(): Promise<void> {
    while (this.#inFlight.size > 0 && this.#failure === undefined) {
      await Promise.all(this.#inFlight);
    }
    if (this.#failure !== undefined) throw this.#failure.cause;
  }

  /** The attempts end, as after a failure of the task. */
  close(): void {
    for (const { writer } of this.#subtasks) writer.close();
  }

  /** The attempts are replaced without knowing: what they still do is a zombie's work. */
  detach(): { readonly zombie: readonly Subtask<IN, C, WS>[] } {
    const zombie = this.#subtasks;
    this.#subtasks = [];
    this.#life = { isOver: false };
    return { zombie };
  }

  async #commitOne(committer: Committer<C>, committable: C): Promise<void> {
    for (let attempt = 0; attempt < COMMIT_ATTEMPTS_MAX; attempt++) {
      const result = await committer.commit(committable);
      if (result.kind === 'committed') return;
      if (result.kind === 'failed') throw contractBroken(`a commit failed: ${result.cause}`);
    }
    throw contractBroken(`a commit was not done after ${COMMIT_ATTEMPTS_MAX} attempts`);
  }

  /** A promise of a failed attempt may never settle, so the I/O is waited for first. */
  async #waitFor(durable: Promise<unknown>): Promise<void> {
    await this.settle();
    await durable;
  }

  #subtask(index: number): Subtask<IN, C, WS> {
    const subtask = this.#subtasks[index];
    assert(subtask !== undefined, `Cannot write to subtask ${index}: it is not started`);
    return subtask;
  }

  #context(
    subtaskIndex: number,
    parallelism: number,
    restoredCheckpoint: CheckpointId | undefined,
  ): SinkContext {
    const inFlight = this.#inFlight;
    const life = this.#life;
    return {
      subtaskIndex,
      parallelism,
      clock: this.#clock,
      filesystem: this.#options.filesystem,
      random: this.#random,
      fencingToken: `1-${this.#attempt}`,
      restoredCheckpoint,
      wakeUp: () => {},
      io: (_label, operation, done) => {
        const running = (async () => {
          try {
            const result = await operation();
            if (!life.isOver) done(result);
          } catch (cause) {
            if (life === this.#life) this.#failure ??= { cause };
          }
        })();
        const tracked = running.then(() => void inFlight.delete(tracked));
        inFlight.add(tracked);
      },
    };
  }
}

/** As it comes out of a checkpoint; refuses what is not plain data. */
function plainCopy<V>(value: V): V {
  const writer = new ByteWriter();
  genericSerializer.serialize(value, writer);
  return genericSerializer.deserialize(new ByteReader(writer.take())) as V;
}

/** Deals out what the old subtasks had, as the engine's list state does. */
function redistribute<T>(old: readonly (readonly T[])[], parallelism: number): readonly T[][] {
  if (old.length === parallelism) return old.map((items) => [...items]);
  const dealt: T[][] = Array.from({ length: parallelism }, () => []);
  for (const [index, item] of old.flat().entries()) dealt[index % parallelism]?.push(item);
  return dealt;
}
