// The common core of sources whose record i is a function of i: collections and generators. Record
// i belongs to split i % splits, so a split is known by three numbers and replays the same records
// wherever it goes. A reader takes from its splits in turn, so records leave about in order of i.

import { OnceproofError } from '../core/errors.ts';
import { NO_TIMESTAMP } from '../stream/elements.ts';
import { RateLimiter } from './rate-limiter.ts';
import type {
  ReaderOutput,
  ReaderStatus,
  Source,
  SourceReader,
  SourceReaderContext,
  SourceSplit,
  SplitEnumeratorContext,
} from './source.ts';
import { type StaticEnumeratorState, StaticSplitEnumerator } from './static-split-enumerator.ts';

/** Records first, first + step, first + 2 * step, ...; `next` of them have been read. */
export interface IndexedSplit extends SourceSplit {
  readonly first: number;
  readonly step: number;
  readonly next: number;
}

export interface IndexedSourceOptions<T> {
  readonly name: string;
  /** Infinity: never ends. */
  readonly count: number;
  readonly at: (index: number) => T;
  /** Default: the parallelism of the source when it first starts. */
  readonly splits?: number | undefined;
  /** By each reader. Default: as fast as possible. */
  readonly recordsPerSecond?: number | undefined;
  /** Event time of a record. Default: none. */
  readonly timestampOf?: ((value: T, index: number) => number) | undefined;
}

export class IndexedSource<T>
  implements Source<T, IndexedSplit, StaticEnumeratorState<IndexedSplit>>
{
  readonly name: string;
  readonly boundedness: 'bounded' | 'continuous-unbounded';
  readonly #options: IndexedSourceOptions<T>;

  constructor(options: IndexedSourceOptions<T>) {
    checkOptions(options);
    this.name = options.name;
    this.boundedness = Number.isFinite(options.count) ? 'bounded' : 'continuous-unbounded';
    this.#options = options;
  }

  createEnumerator(
    context: SplitEnumeratorContext<IndexedSplit>,
    restored: StaticEnumeratorState<IndexedSplit> | undefined,
  ): StaticSplitEnumerator<IndexedSplit> {
    const { splits } = this.#options;
    const discovery = {
      kind: 'known',
      splits: (parallelism: number) => dealIndexes(splits ?? parallelism),
    } as const;
    return new StaticSplitEnumerator(context, discovery, restored);
  }

  createReader(context: SourceReaderContext): SourceReader<T, IndexedSplit> {
    return new IndexedReader(context, this.#options);
  }
}

function checkOptions<T>({ name, count, splits, recordsPerSecond }: IndexedSourceOptions<T>): void {
  const isCount = count === Infinity || (Number.isSafeInteger(count) && count >= 0);
  if (!isCount) throw invalid(name, `count is ${count}`, 'Give a whole number from 0, or Infinity');
  if (splits !== undefined && (!Number.isSafeInteger(splits) || splits < 1)) {
    throw invalid(name, `splits is ${splits}`, 'Give a whole number from 1, or leave it out');
  }
  if (recordsPerSecond !== undefined && !(recordsPerSecond > 0 && recordsPerSecond < Infinity)) {
    const remedy = 'Give a number above 0, or leave it out to read as fast as possible';
    throw invalid(name, `recordsPerSecond is ${recordsPerSecond}`, remedy);
  }
}

function invalid(source: string, problem: string, remedy: string): OnceproofError {
  const message = `Cannot create source "${source}": ${problem}`;
  return new OnceproofError('OP-E302', message, { place: source, remedy });
}

function dealIndexes(splits: number): IndexedSplit[] {
  return Array.from({ length: splits }, (_, first) => ({
    splitId: `${first}/${splits}`,
    first,
    step: splits,
    next: 0,
  }));
}

interface Cursor {
  readonly split: IndexedSplit;
  next: number;
}

class IndexedReader<T> implements SourceReader<T, IndexedSplit> {
  readonly #context: SourceReaderContext;
  readonly #count: number;
  readonly #at: (index: number) => T;
  readonly #timestampOf: ((value: T, index: number) => number) | undefined;
  readonly #recordsPerSecond: number | undefined;
  readonly #cursors: Cursor[] = [];
  #limiter: RateLimiter | undefined;
  /** The cursor whose turn it is. */
  #turn = 0;
  #noMoreSplits = false;
  #isWakePending = false;

  constructor(context: SourceReaderContext, options: IndexedSourceOptions<T>) {
    this.#context = context;
    this.#count = options.count;
    this.#at = options.at;
    this.#timestampOf = options.timestampOf;
    this.#recordsPerSecond = options.recordsPerSecond;
  }

  /** The allowance counts from here: what an earlier attempt did not use is not made up for. */
  start(): void {
    const rate = this.#recordsPerSecond;
    if (rate !== undefined) this.#limiter = new RateLimiter(rate, this.#context.clock.now());
  }

  pollNext(output: ReaderOutput<T>, limit: number): ReaderStatus {
    const limiter = this.#limiter;
    if (limiter === undefined) {
      this.#emit(output, limit);
      return this.#status();
    }
    const nowMs = this.#context.clock.now();
    limiter.use(this.#emit(output, limiter.available(nowMs, limit)));
    if (this.#cursors.length === 0 || limiter.available(nowMs, 1) > 0) return this.#status();
    this.#wakeAfter(limiter.delayMs(nowMs));
    return 'nothing-available';
  }

  addSplits(splits: readonly IndexedSplit[]): void {
    for (const split of splits) {
      if (split.first + split.next * split.step >= this.#count) continue;
      this.#cursors.push({ split, next: split.next });
    }
  }

  notifyNoMoreSplits(): void {
    this.#noMoreSplits = true;
  }

  snapshotState(): readonly IndexedSplit[] {
    return this.#cursors.map(({ split, next }) => ({ ...split, next }));
  }

  close(): void {
    this.#cursors.length = 0;
  }

  #emit(output: ReaderOutput<T>, limit: number): number {
    let emitted = 0;
    while (emitted < limit) {
      const cursor = this.#cursors[this.#turn];
      if (cursor === undefined) break;
      this.#emitFrom(cursor, output);
      emitted++;
    }
    return emitted;
  }

  /** The offset moves before the record leaves: a snapshot can only come after both. */
  #emitFrom(cursor: Cursor, output: ReaderOutput<T>): void {
    const { first, step } = cursor.split;
    const index = first + cursor.next * step;
    cursor.next++;
    if (index + step < this.#count) this.#turn++;
    else this.#cursors.splice(this.#turn, 1);
    if (this.#turn >= this.#cursors.length) this.#turn = 0;
    const value = this.#at(index);
    output.collect(value, this.#timestampOf?.(value, index) ?? NO_TIMESTAMP);
  }

  #status(): ReaderStatus {
    if (this.#cursors.length > 0) return 'more-available';
    return this.#noMoreSplits ? 'end-of-input' : 'nothing-available';
  }

  #wakeAfter(delayMs: number): void {
    if (this.#isWakePending) return;
    this.#isWakePending = true;
    this.#context.schedule(delayMs, () => {
      this.#isWakePending = false;
      this.#context.wakeUp();
    });
  }
}
