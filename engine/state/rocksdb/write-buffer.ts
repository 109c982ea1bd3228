// What the store does not know yet, in the order in which it came about. An entry that changes
// several times before it is written is written once.

import { assert } from '../../core/assert.ts';
import type { KeyValueWrite } from '../../environment/key-value-store.ts';
import type { Cell } from './cached-key.ts';

export class WriteBuffer {
  #cells: Cell[] = [];
  #others: KeyValueWrite[] = [];
  #sizeBytes = 0;

  /** Roughly: what a cell grows by after it was added is not counted. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get count(): number {
    return this.#cells.length + this.#others.length;
  }

  get isEmpty(): boolean {
    return this.count === 0;
  }

  /** Whether something has to be written before anything is read. */
  get hasUncached(): boolean {
    return this.#others.length > 0;
  }

  addCell(cell: Cell): void {
    if (cell.isDirty) return;
    cell.isDirty = true;
    this.#cells.push(cell);
    this.#sizeBytes += cell.entryKey.length + (cell.bytes?.length ?? 0);
  }

  /** An entry that is not held in memory otherwise. */
  addUncached(write: KeyValueWrite): void {
    this.#others.push(write);
    this.#sizeBytes += write.key.length + (write.value?.length ?? 0);
  }

  /** Visits lists that were added to. */
  forEachTail(visit: (cell: Cell) => void): void {
    for (const cell of this.#cells) if (cell.tail !== undefined) visit(cell);
  }

  /** All of it, once lists are put together; from now on the store is taken to have it. */
  take(): readonly KeyValueWrite[] {
    const writes = this.#others;
    for (const cell of this.#cells) {
      assert(cell.tail === undefined, 'Cannot write a list: it was not put together');
      cell.isDirty = false;
      writes.push({ key: cell.entryKey, value: cell.bytes });
    }
    this.#cells = [];
    this.#others = [];
    this.#sizeBytes = 0;
    return writes;
  }
}
