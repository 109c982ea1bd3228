// A bounded source over values that the program already holds. Every host must hold the same ones
// in the same order: a restored job continues by index. Not for data that changes between runs.

import { IndexedSource, type IndexedSplit } from './indexed-source.ts';
import type {
  Source,
  SourceReader,
  SourceReaderContext,
  SplitEnumeratorContext,
} from './source.ts';
import type { StaticEnumeratorState, StaticSplitEnumerator } from './static-split-enumerator.ts';

export interface CollectionSourceOptions<T> {
  /** Must not be changed while a job uses it. */
  readonly elements: readonly T[];
  readonly name?: string;
  /** How many pieces the elements are dealt into, by index modulo. Default: the parallelism. */
  readonly splits?: number;
  /** By each reader. Default: as fast as possible. */
  readonly recordsPerSecond?: number;
  readonly timestampOf?: (value: T, index: number) => number;
}

export class CollectionSource<T>
  implements Source<T, IndexedSplit, StaticEnumeratorState<IndexedSplit>>
{
  readonly name: string;
  readonly boundedness = 'bounded';
  readonly #source: IndexedSource<T>;

  constructor(options: CollectionSourceOptions<T>) {
    const { elements, splits, recordsPerSecond, timestampOf } = options;
    this.name = options.name ?? 'collection';
    this.#source = new IndexedSource({
      name: this.name,
      count: elements.length,
      // The index is always below the count, which is the length.
      at: (index) => elements[index] as T,
      splits,
      recordsPerSecond,
      timestampOf,
    });
  }

  createEnumerator(
    context: SplitEnumeratorContext<IndexedSplit>,
    restored: StaticEnumeratorState<IndexedSplit> | undefined,
  ): StaticSplitEnumerator<IndexedSplit> {
    return this.#source.createEnumerator(context, restored);
  }

  createReader(context: SourceReaderContext): SourceReader<T, IndexedSplit> {
    return this.#source.createReader(context);
  }
}
