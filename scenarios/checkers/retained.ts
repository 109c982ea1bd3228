// Which checkpoints have to be there at a moment, by Flink's rule and from events alone: the newest
// ones that completed, as many as the job keeps, and after a stop with a savepoint that one alone.

import type { EngineEvent } from '../../engine/runtime/observer.ts';
import type { StorageEvent } from './observations.ts';

export class RetainedCheckpoints {
  readonly #max: number;
  readonly #references: ReadonlyMap<number, ReadonlySet<string>>;
  #ids: readonly number[] = [];
  /** Pointed to, and not said to be complete: nobody has to keep them once a newer one is. */
  readonly #unsaid = new Set<number>();
  #isOver = false;

  /** `storage`: of the whole run, so that it is known what every checkpoint refers to. */
  constructor(max: number, storage: readonly StorageEvent[]) {
    this.#max = max;
    this.#references = referencesIn(storage);
  }

  get ids(): readonly number[] {
    return this.#ids;
  }

  completed({ checkpoint, savepoint }: EventOf<'checkpoint-completed'>): void {
    if (this.#isOver) return;
    this.#unsaid.delete(checkpoint);
    this.#ids = this.#ids.filter((id) => id > checkpoint || !this.#unsaid.has(id));
    if (!savepoint) {
      this.#add(checkpoint);
    } else if (this.#references.has(checkpoint)) {
      // Kept among the job's own, and the last there is; a plain one is its user's to delete.
      this.#ids = [checkpoint];
    }
  }

  /** Whoever stored it may have died before it could say that it is complete. */
  pointedTo(checkpoint: number): void {
    if (this.#isOver) return;
    if (!this.#ids.includes(checkpoint)) {
      const newest = this.#ids.at(-1) ?? 0;
      // Those in between may be complete as well, and take the place of older ones. After a leader
      // that died before it could say so, nobody knows what else it kept.
      const between = this.#unsaid.has(newest) ? this.#max : Math.max(0, checkpoint - newest - 1);
      const places = Math.max(0, this.#max - 1 - between);
      this.#unsaid.add(checkpoint);
      this.#ids = places === 0 ? [] : this.#ids.slice(-places);
    }
    this.#add(checkpoint);
  }

  /** The job is over: nothing has to be there, not even what completes only now. */
  letGo(): void {
    this.#isOver = true;
    this.#ids = [];
  }

  #add(checkpoint: number): void {
    const all = new Set([...this.#ids, checkpoint]);
    this.#ids = [...all].sort((left, right) => left - right).slice(-this.#max);
  }

  referencesOf(checkpoint: number): ReadonlySet<string> {
    return this.#references.get(checkpoint) ?? NONE;
  }

  /** Of a checkpoint that refers to it, or whose metadata it is. */
  neededBy(path: string): number | undefined {
    const metadataOf = METADATA.exec(path)?.[1];
    return this.#ids.find(
      (id) => this.referencesOf(id).has(path) || (metadataOf !== undefined && +metadataOf === id),
    );
  }
}

export type EventOf<K extends EngineEvent['kind']> = Extract<EngineEvent, { readonly kind: K }>;

const METADATA = /\/chk-([0-9]+)\/_metadata$/;
const NONE: ReadonlySet<string> = new Set();

function referencesIn(storage: readonly StorageEvent[]): ReadonlyMap<number, ReadonlySet<string>> {
  const references = new Map<number, ReadonlySet<string>>();
  for (const event of storage) {
    if (event.kind === 'metadata') references.set(event.checkpoint, new Set(event.references));
  }
  return references;
}
