// Goes through a range of a store in pages, so that no more than a page of it is in memory. Pages
// shrink where values are large.

import type { KeyRange, KeyValueEntry, KeyValueStore } from '../../environment/key-value-store.ts';

const FIRST_PAGE_ENTRIES = 64;
const MAX_PAGE_ENTRIES = 4096;
/** What a page should have; a single value may be larger. */
const PAGE_BYTES = 256 * 1024;

/** Calls `visit` with one page after the other, none of them empty. */
export async function scanPages(
  store: Pick<KeyValueStore, 'scan'>,
  range: KeyRange,
  visit: (page: readonly KeyValueEntry[]) => Promise<void> | void,
): Promise<void> {
  let limit = FIRST_PAGE_ENTRIES;
  let { from } = range;
  for (;;) {
    const page = await store.scan({ from, to: range.to, limit });
    const last = page.at(-1);
    if (last === undefined) return;
    await visit(page);
    if (page.length < limit) return;
    from = behind(last.key);
    limit = nextLimit(page);
  }
}

function nextLimit(page: readonly KeyValueEntry[]): number {
  const bytes = page.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
  const fitting = Math.floor((page.length * PAGE_BYTES) / Math.max(1, bytes));
  return Math.min(MAX_PAGE_ENTRIES, Math.max(1, fitting));
}

/** The smallest key greater than this one. */
export function behind(key: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(key.length + 1);
  bytes.set(key);
  return bytes;
}
