// Which checkpoints have to be there at a moment, by Flink's rule and from events alone: the newest
// ones that completed, as many as the job keeps, and after a stop with a savepoint that one alone.
// Some complete and nobody says so, because a leader dies or comes too late: they may take the
// place of older ones, and need not be there themselves unless a leader goes on from them.

import type { EngineEvent } from '../../engine/runtime/observer.ts';
import type { StorageEvent } from './observations.ts';

export class RetainedCheckpoints {
  readonly #max: number;
  readonly #references: ReadonlyMap<number, ReadonlySet<string>>;
  /** Whose metadata was being stored. */
  readonly #begun = new Set<number>();
  /** Somebody has said that they are complete. */
  readonly #known = new Set<number>();
  /** Ascending. */
  #candidates: readonly number[] = [];
  /** Below it nothing is kept. */
  #lowest = 0;
  #isOver = false;

  /** `storage`: of the whole run, so that it is known what every checkpoint refers to. */
  constructor(max: number, storage: readonly StorageEvent[]) {
    this.#max = max;
    this.#references = referencesIn(storage);
  }

  /** Those that have to be there. Ascending. */
  get ids(): readonly number[] {
    const newest = this.#candidates.at(-1);
    return this.#candidates.filter((id) => id === newest || this.#known.has(id));
  }

  follow(seen: StorageEvent): void {
    // All may go, even what completes only now.
    if (seen.kind === 'job-over') this.#isOver = true;
    if (seen.kind === 'metadata') this.#begun.add(seen.checkpoint);
    // Whoever stored it may have died before it could say that it is complete.
    if (seen.kind === 'pointer') this.#add(seen.checkpoint);
    if (this.#isOver) this.#candidates = [];
  }

  happened(event: EngineEvent): void {
    if (event.kind === 'job-restoring' && event.checkpoint !== undefined) {
      if (this.#candidates.includes(event.checkpoint)) this.#known.add(event.checkpoint);
    }
    if (event.kind !== 'checkpoint-completed') return;
    const { checkpoint, savepoint } = event;
    // A plain savepoint is its user's to delete.
    if (savepoint && !this.#references.has(checkpoint)) return;
    // That of a stop is kept among the job's own, and the last there is.
    if (savepoint) this.#lowest = checkpoint;
    this.#known.add(checkpoint);
    this.#add(checkpoint);
  }

  #add(checkpoint: number): void {
    if (this.#isOver) return;
    const newest = Math.max(checkpoint, this.#candidates.at(-1) ?? 0);
    const before = [...this.#begun].filter((id) => id < newest);
    this.#candidates = [...new Set([...this.#candidates, ...before, checkpoint])]
      .filter((id) => id >= this.#lowest)
      .sort((left, right) => left - right)
      .slice(-this.#max);
  }

  referencesOf(checkpoint: number): ReadonlySet<string> {
    return this.#references.get(checkpoint) ?? NONE;
  }

  /** The checkpoint that has to be there and refers to it, or whose metadata it is. */
  neededBy(path: string): number | undefined {
    return this.ids.find((id) => this.#isOf(path, id));
  }

  /** It is of a checkpoint that has to be there, or that may be kept all the same. */
  mayNeed(path: string): boolean {
    return this.#candidates.some((id) => this.#isOf(path, id));
  }

  #isOf(path: string, checkpoint: number): boolean {
    const metadataOf = METADATA.exec(path)?.[1];
    return this.referencesOf(checkpoint).has(path) || Number(metadataOf ?? NaN) === checkpoint;
  }
}

const METADATA = /\/chk-([0-9]+)\/_metadata$/;
const NONE: ReadonlySet<string> = new Set();

function referencesIn(storage: readonly StorageEvent[]): ReadonlyMap<number, ReadonlySet<string>> {
  const references = new Map<number, ReadonlySet<string>>();
  for (const event of storage) {
    if (event.kind === 'metadata') references.set(event.checkpoint, new Set(event.references));
  }
  return references;
}
