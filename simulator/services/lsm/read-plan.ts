// How to find entries in memtables and tables, without saying how blocks are read: a plan yields
// the block it needs and goes on with its entries. So the same search runs over files, which answer
// later, and over memory, which answers at once.

import type { Entry } from './entry.ts';
import { lowerBound } from './entry.ts';
import type { BlockHandle, TableInfo } from './table-format.ts';

export interface Table {
  readonly info: TableInfo;
  readonly blocks: readonly BlockHandle[];
}

/** The tables of a store: `flushed` newest first, `merged` ascending, without overlap. */
export interface Version {
  readonly flushed: readonly Table[];
  readonly merged: readonly Table[];
}

export interface BlockRequest {
  readonly table: Table;
  readonly index: number;
}

export type Plan<T> = Generator<BlockRequest, T, readonly Entry[]>;

/** The entry of `key` in the newest table that has one. */
export function* findInTables({ flushed, merged }: Version, key: string): Plan<Entry | undefined> {
  const at = lowerBound(merged, key, ({ info }) => info.largest);
  for (const table of [...flushed, ...merged.slice(at, at + 1)]) {
    const { info, blocks } = table;
    if (key < info.smallest || key > info.largest) continue;
    const index = lowerBound(blocks, key, ({ largest }) => largest);
    const entries = yield { table, index };
    const entry = entries[lowerBound(entries, key, (candidate) => candidate.key)];
    if (entry?.key === key) return entry;
  }
  return undefined;
}

/** A sorted run of entries, of which some are still in blocks. */
export class Run {
  readonly #requests: readonly BlockRequest[];
  #entries: readonly Entry[];
  #at = 0;
  #nextRequest = 0;

  private constructor(entries: readonly Entry[], requests: readonly BlockRequest[]) {
    this.#entries = entries;
    this.#requests = requests;
  }

  static ofEntries(entries: readonly Entry[]): Run {
    return new Run(entries, []);
  }

  /** `tables` ascending, without overlap. May begin with some entries before `from`. */
  static ofTables(tables: readonly Table[], from: string): Run {
    const requests = tables
      .slice(lowerBound(tables, from, ({ info }) => info.largest))
      .flatMap((table) => table.blocks.map((_, index) => ({ table, index })));
    const largestOf = ({ table, index }: BlockRequest): string =>
      table.blocks[index]?.largest ?? '';
    return new Run([], requests.slice(lowerBound(requests, from, largestOf)));
  }

  *head(): Plan<Entry | undefined> {
    while (this.#at >= this.#entries.length) {
      const request = this.#requests[this.#nextRequest];
      if (request === undefined) return undefined;
      this.#nextRequest += 1;
      this.#entries = yield request;
      this.#at = 0;
    }
    return this.#entries[this.#at];
  }

  advance(): void {
    this.#at += 1;
  }
}

/** Everything a store has from `from` on: memtables and tables, the newest run first. */
export function runsOf(
  memtables: readonly { from(key: string): readonly Entry[] }[],
  { flushed, merged }: Version,
  from: string,
): readonly Run[] {
  return [
    ...memtables.map((memtable) => Run.ofEntries(memtable.from(from))),
    ...flushed.map((table) => Run.ofTables([table], from)),
    Run.ofTables(merged, from),
  ];
}

/**
 * The entries of all runs, ascending, of each key that of the newest run; until `take` says no.
 * Deleted ones come, too.
 */
export function* merge(runs: readonly Run[], take: (entry: Entry) => boolean): Plan<void> {
  for (;;) {
    let newest: Entry | undefined;
    for (const run of runs) {
      const head = yield* run.head();
      if (head !== undefined && (newest === undefined || head.key < newest.key)) newest = head;
    }
    if (newest === undefined || !take(newest)) return;
    for (const run of runs) {
      const head = yield* run.head();
      if (head?.key === newest.key) run.advance();
    }
  }
}

/** The living entries in [from, to), at most `limit`. */
export function* scanPlan(
  runs: readonly Run[],
  range: { readonly from: string; readonly to: string | undefined; readonly limit: number },
): Plan<readonly Entry[]> {
  const { from, to, limit } = range;
  const found: Entry[] = [];
  if (limit <= 0) return found;
  yield* merge(runs, (entry) => {
    if (to !== undefined && entry.key >= to) return false;
    if (entry.key >= from && entry.value !== undefined) found.push(entry);
    return found.length < limit;
  });
  return found;
}
