// A source that makes its records: record i is generate(i). The function must depend on nothing but
// i, because a restored job generates the same records again. See datagen.ts for random-looking
// ones.

import { IndexedSource, type IndexedSplit } from './indexed-source.ts';
import type {
  Source,
  SourceReader,
  SourceReaderContext,
  SplitEnumeratorContext,
} from './source.ts';
import type { StaticEnumeratorState, StaticSplitEnumerator } from './static-split-enumerator.ts';

export interface GeneratorSourceOptions<T> {
  /** Infinity makes the source unbounded. */
  readonly count: number;
  readonly generate: (index: number) => T;
  readonly name?: string;
  /** Default: the parallelism. */
  readonly splits?: number;
  /** By each reader. Default: as fast as possible. */
  readonly recordsPerSecond?: number;
  readonly timestampOf?: (value: T, index: number) => number;
}

export class GeneratorSource<T>
  implements Source<T, IndexedSplit, StaticEnumeratorState<IndexedSplit>>
{
  readonly name: string;
  readonly boundedness: 'bounded' | 'continuous-unbounded';
  readonly #source: IndexedSource<T>;

  constructor(options: GeneratorSourceOptions<T>) {
    const { count, generate, splits, recordsPerSecond, timestampOf } = options;
    this.name = options.name ?? 'generator';
    this.#source = new IndexedSource({
      name: this.name,
      count,
      at: generate,
      splits,
      recordsPerSecond,
      timestampOf,
    });
    this.boundedness = this.#source.boundedness;
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
