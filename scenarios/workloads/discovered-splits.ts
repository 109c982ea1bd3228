// Visits from sources that find their splits while the job runs already. Between the start and the
// discovery there are checkpoints, and failures. `slowDiscovery` finds all at once, late, with the
// engine's own enumerator; `gradualDiscovery` finds one after the other and, as user code may,
// takes no care of I/O that is still under way when its enumerator is replaced.

import { CollectionSource } from '../../engine/connector/collection-source.ts';
import type { IndexedSplit } from '../../engine/connector/indexed-source.ts';
import type {
  Source,
  SplitEnumerator,
  SplitEnumeratorContext,
} from '../../engine/connector/source.ts';
import {
  type StaticEnumeratorState,
  StaticSplitEnumerator,
} from '../../engine/connector/static-split-enumerator.ts';
import type { FileSystem } from '../../engine/environment/filesystem.ts';

export interface DiscoveredSplitsOptions<T> {
  readonly elements: readonly T[];
  readonly splits: number;
  readonly recordsPerSecond: number;
  /** How many looks at the file system a discovery takes: about half a millisecond each. */
  readonly looks: number;
}

export function slowDiscovery<T>(
  options: DiscoveredSplitsOptions<T>,
): Source<T, IndexedSplit, StaticEnumeratorState<IndexedSplit>> {
  const elements = new CollectionSource(options);
  return {
    name: 'slow discovery',
    boundedness: 'bounded',
    createEnumerator: (context, restored) => {
      const find = async (): Promise<readonly IndexedSplit[]> => {
        await look(context.filesystem, options.looks);
        return splitsOf(options.splits);
      };
      return new StaticSplitEnumerator(context, { kind: 'io', label: 'discover', find }, restored);
    },
    createReader: (context) => elements.createReader(context),
  };
}

/** What of the splits was found so far, and not assigned. */
interface GradualState {
  readonly found: number;
  readonly unassigned: readonly IndexedSplit[];
}

export function gradualDiscovery<T>(
  options: DiscoveredSplitsOptions<T>,
): Source<T, IndexedSplit, GradualState> {
  const elements = new CollectionSource(options);
  return {
    name: 'gradual discovery',
    boundedness: 'bounded',
    createEnumerator: (context, restored) => new GradualEnumerator(context, options, restored),
    createReader: (context) => elements.createReader(context),
  };
}

class GradualEnumerator implements SplitEnumerator<IndexedSplit, GradualState> {
  readonly #context: SplitEnumeratorContext<IndexedSplit>;
  readonly #options: Pick<DiscoveredSplitsOptions<unknown>, 'splits' | 'looks'>;
  #found: number;
  #unassigned: readonly IndexedSplit[];

  constructor(
    context: SplitEnumeratorContext<IndexedSplit>,
    options: Pick<DiscoveredSplitsOptions<unknown>, 'splits' | 'looks'>,
    restored: GradualState | undefined,
  ) {
    this.#context = context;
    this.#options = options;
    this.#found = restored?.found ?? 0;
    this.#unassigned = restored?.unassigned ?? [];
  }

  start(): void {
    const { splits, looks } = this.#options;
    if (this.#found === splits) return;
    this.#context.io(
      'discover',
      () => look(this.#context.filesystem, looks),
      () => {
        this.#unassigned = [
          ...this.#unassigned,
          ...splitsOf(splits).slice(this.#found).slice(0, 1),
        ];
        this.#found += 1;
        this.#assign();
        this.start();
      },
    );
  }

  addReader(): void {
    this.#assign();
  }

  handleSplitRequest(): void {}

  addSplitsBack(splits: readonly IndexedSplit[]): void {
    this.#unassigned = [...splits, ...this.#unassigned];
    this.#assign();
  }

  snapshotState(): GradualState {
    return { found: this.#found, unassigned: this.#unassigned };
  }

  close(): void {}

  /** Each to its home, once that is there. A reader that is restored at its end never comes. */
  #assign(): void {
    const readers = this.#context.registeredReaders();
    const homeOf = ({ first }: IndexedSplit): number => first % this.#context.parallelism;
    for (const split of this.#unassigned) {
      if (readers.includes(homeOf(split))) this.#context.assignSplit(split, homeOf(split));
    }
    this.#unassigned = this.#unassigned.filter((split) => !readers.includes(homeOf(split)));
    if (this.#found < this.#options.splits) return;
    for (const reader of readers) this.#context.signalNoMoreSplits(reader);
  }
}

async function look(filesystem: FileSystem, times: number): Promise<void> {
  for (let count = 0; count < times; count++) await filesystem.status('/');
}

function splitsOf(splits: number): IndexedSplit[] {
  return Array.from({ length: splits }, (_, first) => ({
    splitId: `${first}/${splits}`,
    first,
    step: splits,
    next: 0,
  }));
}
