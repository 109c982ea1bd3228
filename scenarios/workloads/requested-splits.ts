// Visits from a source that hands out one small split at a time, to the reader that asks for it. At
// every moment splits are with the enumerator, on their way and half read, which a source that
// deals everything out at the start never shows. Splits do not depend on the seed; who gets them
// does.

import {
  CollectionSource,
  type CollectionSourceOptions,
} from '../../engine/connector/collection-source.ts';
import type { IndexedSplit } from '../../engine/connector/indexed-source.ts';
import type {
  ReaderOutput,
  ReaderStatus,
  Source,
  SourceReader,
  SourceReaderContext,
  SplitEnumerator,
  SplitEnumeratorContext,
} from '../../engine/connector/source.ts';

export interface RequestedSplitsOptions<T> extends CollectionSourceOptions<T> {
  readonly splits: number;
}

export class RequestedSplitsSource<T> implements Source<T, IndexedSplit, readonly IndexedSplit[]> {
  readonly name = 'requested splits';
  readonly boundedness = 'bounded';
  readonly #splits: number;
  readonly #elements: CollectionSource<T>;

  constructor(options: RequestedSplitsOptions<T>) {
    this.#splits = options.splits;
    this.#elements = new CollectionSource(options);
  }

  createEnumerator(
    context: SplitEnumeratorContext<IndexedSplit>,
    restored: readonly IndexedSplit[] | undefined,
  ): SplitEnumerator<IndexedSplit, readonly IndexedSplit[]> {
    return new OneAtATime(context, restored ?? dealt(this.#splits));
  }

  createReader(context: SourceReaderContext): SourceReader<T, IndexedSplit> {
    return new RequestingReader(context, this.#elements.createReader(context));
  }
}

function dealt(splits: number): readonly IndexedSplit[] {
  return Array.from({ length: splits }, (_, first) => ({
    splitId: `${first}/${splits}`,
    first,
    step: splits,
    next: 0,
  }));
}

class OneAtATime implements SplitEnumerator<IndexedSplit, readonly IndexedSplit[]> {
  readonly #context: SplitEnumeratorContext<IndexedSplit>;
  #unassigned: readonly IndexedSplit[];

  constructor(context: SplitEnumeratorContext<IndexedSplit>, unassigned: readonly IndexedSplit[]) {
    this.#context = context;
    this.#unassigned = unassigned;
  }

  start(): void {}

  addReader(subtask: number): void {
    this.#assignOne(subtask);
  }

  handleSplitRequest(subtask: number): void {
    this.#assignOne(subtask);
  }

  /** Whoever asks next gets them, at the latest the subtask itself when it is back. */
  addSplitsBack(splits: readonly IndexedSplit[], subtask: number): void {
    this.#unassigned = [...splits, ...this.#unassigned];
    if (this.#context.registeredReaders().includes(subtask)) this.#assignOne(subtask);
  }

  snapshotState(): readonly IndexedSplit[] {
    return this.#unassigned;
  }

  close(): void {}

  #assignOne(subtask: number): void {
    const [next, ...others] = this.#unassigned;
    if (next === undefined) return this.#context.signalNoMoreSplits(subtask);
    this.#unassigned = others;
    this.#context.assignSplit(next, subtask);
  }
}

/** Reads as the reader it wraps does, and asks for the next split once it has read its last. */
class RequestingReader<T> implements SourceReader<T, IndexedSplit> {
  readonly #context: SourceReaderContext;
  readonly #reader: SourceReader<T, IndexedSplit>;
  /** Registering counts as the first request. */
  #isAsking = true;

  constructor(context: SourceReaderContext, reader: SourceReader<T, IndexedSplit>) {
    this.#context = context;
    this.#reader = reader;
  }

  start(): void {
    this.#reader.start();
  }

  pollNext(output: ReaderOutput<T>, limit: number): ReaderStatus {
    const status = this.#reader.pollNext(output, limit);
    if (!this.#isAsking && this.#reader.snapshotState().length === 0) {
      this.#isAsking = true;
      this.#context.sendSplitRequest();
    }
    return status;
  }

  addSplits(splits: readonly IndexedSplit[]): void {
    this.#isAsking = false;
    this.#reader.addSplits(splits);
  }

  /** It ends once it has read what it has: what it asked for now it would never read. */
  notifyNoMoreSplits(): void {
    this.#isAsking = true;
    this.#reader.notifyNoMoreSplits();
  }

  snapshotState(): readonly IndexedSplit[] {
    return this.#reader.snapshotState();
  }

  close(): void {
    this.#reader.close();
  }
}
