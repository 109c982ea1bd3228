// A SplitEnumerator for sources whose splits are all known once they have been discovered. It deals
// them out evenly, each to one home subtask, and hands a subtask its share as soon as its reader
// registers. A split is here or in a reader, never in both. It does not look for new splits later.

import { assert } from '../core/assert.ts';
import { sometimes } from '../core/sometimes.ts';
import type { SourceSplit, SplitEnumerator, SplitEnumeratorContext } from './source.ts';

/** Plain data. Before discovery a restored enumerator discovers again: nothing was assigned yet. */
export interface StaticEnumeratorState<S extends SourceSplit> {
  readonly isDiscovered: boolean;
  readonly unassigned: readonly S[];
}

/** Finds the splits: at once, or through I/O. The order decides who gets what. */
export type SplitDiscovery<S extends SourceSplit> =
  | { readonly kind: 'known'; splits(parallelism: number): readonly S[] }
  | { readonly kind: 'io'; readonly label: string; readonly find: () => Promise<readonly S[]> };

export class StaticSplitEnumerator<S extends SourceSplit>
  implements SplitEnumerator<S, StaticEnumeratorState<S>>
{
  readonly #context: SplitEnumeratorContext<S>;
  readonly #discovery: SplitDiscovery<S>;
  /** By home subtask. A split never changes its home, so no reader waits for another's. */
  readonly #unassigned: S[][];
  #isDiscovered = false;
  #isClosed = false;

  constructor(
    context: SplitEnumeratorContext<S>,
    discovery: SplitDiscovery<S>,
    restored: StaticEnumeratorState<S> | undefined,
  ) {
    this.#context = context;
    this.#discovery = discovery;
    this.#unassigned = Array.from({ length: context.parallelism }, () => []);
    if (restored?.isDiscovered === true) this.#discovered(restored.unassigned);
  }

  start(): void {
    if (this.#isDiscovered) return;
    if (this.#discovery.kind === 'known') {
      this.#discovered(this.#discovery.splits(this.#context.parallelism));
      this.#assignToAll();
      return;
    }
    const { label, find } = this.#discovery;
    this.#context.io(label, find, (splits) => {
      if (this.#isClosed) return;
      this.#discovered(splits);
      this.#assignToAll();
    });
  }

  addReader(subtask: number): void {
    this.#assign(subtask);
  }

  /** Everything is handed out unasked; a reader that asks is told again that there is no more. */
  handleSplitRequest(subtask: number): void {
    this.#assign(subtask);
  }

  addSplitsBack(splits: readonly S[], subtask: number): void {
    sometimes(splits.length > 0, 'a split comes back from a failed reader');
    this.#homeOf(subtask).push(...splits);
    if (this.#context.registeredReaders().includes(subtask)) this.#assign(subtask);
  }

  /** Interleaved by home, so that dealing them again is even whatever the parallelism. */
  snapshotState(): StaticEnumeratorState<S> {
    const unassigned: S[] = [];
    const longest = Math.max(...this.#unassigned.map((splits) => splits.length));
    for (let index = 0; index < longest; index++) {
      for (const splits of this.#unassigned) {
        const split = splits[index];
        if (split !== undefined) unassigned.push(split);
      }
    }
    return { isDiscovered: this.#isDiscovered, unassigned };
  }

  close(): void {
    this.#isClosed = true;
  }

  #discovered(splits: readonly S[]): void {
    assert(!this.#isDiscovered, 'Cannot discover splits twice: the first ones may be assigned');
    this.#isDiscovered = true;
    splits.forEach((split, index) => this.#homeOf(index % this.#context.parallelism).push(split));
  }

  #assignToAll(): void {
    for (const subtask of this.#context.registeredReaders()) this.#assign(subtask);
  }

  /**
   * That there is no more is said after every registration, also to a reader that was restored with
   * all it needs: its earlier attempt's knowledge died with it (FLINK-30334 was the opposite).
   */
  #assign(subtask: number): void {
    if (!this.#isDiscovered) return;
    const splits = this.#homeOf(subtask);
    for (const split of splits.splice(0)) this.#context.assignSplit(split, subtask);
    this.#context.signalNoMoreSplits(subtask);
  }

  #homeOf(subtask: number): S[] {
    const splits = this.#unassigned[subtask];
    assert(splits !== undefined, `Cannot assign to subtask ${subtask}: there is none`);
    return splits;
  }
}
