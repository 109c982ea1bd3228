// Removes from the store what has expired and nobody asks for any more: a few entries whenever the
// store is reached anyway, in an endless round over the states with a time to live. Stands in for
// Flink's compaction filter, which no driver offers.

import { sometimes } from '../../core/sometimes.ts';
import type { KeyRange, KeyValueEntry } from '../../environment/key-value-store.ts';
import { lookupKeyOf } from '../lookup-key.ts';
import type { OpenedState } from './opened-state.ts';
import type { WorkingSet } from './working-set.ts';

/** Looked at per batch of keys: little beside what a batch reads itself. */
const ENTRIES_PER_SWEEP = 128;

export class ExpirySweep {
  readonly #working: WorkingSet;
  readonly #states: OpenedState[] = [];
  #turn = 0;
  /** Where the round goes on in the state whose turn it is. */
  #from: Uint8Array | undefined;

  constructor(working: WorkingSet) {
    this.#working = working;
  }

  add(opened: OpenedState): void {
    if (opened.hasTimeToLive) this.#states.push(opened);
  }

  /** Nothing may be written between the call and the end of the promise. */
  async run(): Promise<void> {
    const range = this.#next();
    if (range !== undefined) this.#look(await this.#working.store.scan(range));
  }

  /** The same where the store answers at once. */
  runNow(): void {
    const range = this.#next();
    if (range !== undefined) this.#look(this.#working.synchronous?.scan(range) ?? []);
  }

  #next(): KeyRange | undefined {
    const opened = this.#states[this.#turn];
    if (opened?.state.mayHaveEntries !== true) {
      this.#endTurn();
      return undefined;
    }
    const { from, to } = this.#working.layout.rangeOfState(opened.state.id);
    return { from: this.#from ?? from, to, limit: ENTRIES_PER_SWEEP };
  }

  #look(entries: readonly KeyValueEntry[]): void {
    const opened = this.#states[this.#turn];
    for (const entry of entries) {
      if (opened?.isExpired(entry) === true) this.#remove(opened, entry);
    }
    const last = entries.at(-1);
    if (last === undefined || entries.length < ENTRIES_PER_SWEEP) return this.#endTurn();
    // The entry itself comes once more: an entry behind it need not be told from one inside.
    this.#from = last.key;
  }

  /** What is in memory may be newer there, and expires when it is read. */
  #remove(opened: OpenedState, entry: KeyValueEntry): void {
    const { key } = this.#working.layout.read(entry.key);
    if (this.#working.cache.find(lookupKeyOf(key)) !== undefined) return;
    sometimes(true, 'a value that nobody asks for any more expires in RocksDB');
    this.#working.write(opened.state, { key: entry.key, value: undefined });
  }

  #endTurn(): void {
    this.#from = undefined;
    this.#turn = this.#states.length === 0 ? 0 : (this.#turn + 1) % this.#states.length;
  }
}
