// Writes that a database must not see yet, because a checkpoint of it is being taken on another
// thread: readers see them on top of the database, as if they had been made. The writes between two
// checkpoints that are both still to come form a stage.

import type { KeyRange, KeyValueEntry, KeyValueWrite } from '../key-value-store.ts';

type Stage = Map<string, KeyValueWrite>;

export class PendingWrites {
  readonly #stages: Stage[] = [];

  get isEmpty(): boolean {
    return this.#stages.length === 0;
  }

  /** From now on writes belong behind one more checkpoint. */
  beginStage(): void {
    this.#stages.push(new Map());
  }

  /** The writes behind the oldest checkpoint, which is over. */
  takeOldestStage(): readonly KeyValueWrite[] {
    return [...(this.#stages.shift()?.values() ?? [])];
  }

  add(writes: readonly KeyValueWrite[]): void {
    const stage = this.#stages.at(-1);
    for (const write of writes) stage?.set(textOf(write.key), write);
  }

  /** The last write of this key. */
  find(key: Uint8Array): KeyValueWrite | undefined {
    const text = textOf(key);
    for (let index = this.#stages.length - 1; index >= 0; index--) {
      const write = this.#stages[index]?.get(text);
      if (write !== undefined) return write;
    }
    return undefined;
  }

  /**
   * The entries of `range`: `scanBelow` gives those of the database for the same range with another
   * limit.
   */
  scan(
    range: KeyRange,
    scanBelow: (range: KeyRange) => readonly KeyValueEntry[],
  ): readonly KeyValueEntry[] {
    const above = this.#writesIn(range);
    const { limit = Number.POSITIVE_INFINITY, ...bounds } = range;
    // Each write above can take away one entry below.
    const below = scanBelow({ ...bounds, limit: limit + above.size });
    const merged = new Map(below.map((entry) => [textOf(entry.key), entry.value]));
    for (const [text, { value }] of above) {
      if (value === undefined) merged.delete(text);
      else merged.set(text, value.slice());
    }
    const ascending = [...merged].sort(([left], [right]) => (left < right ? -1 : 1));
    return ascending.slice(0, limit).map(([text, value]) => ({ key: bytesOf(text), value }));
  }

  #writesIn({ from, to }: KeyRange): Stage {
    const [first, end] = [textOf(from), to === undefined ? undefined : textOf(to)];
    const found: Stage = new Map();
    for (const stage of this.#stages) {
      for (const [text, write] of stage) {
        if (text >= first && (end === undefined || text < end)) found.set(text, write);
      }
    }
    return found;
  }
}

/** One code unit a byte: compares as the bytes do. */
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}
