// Brings all state of some keys into memory before it is asked for. Entries that a key alone leads
// to, outside of windows, are read for all keys in one call; the entries of maps and windows are
// read by the range that a key has in each such state.

import { sometimes } from '../../core/sometimes.ts';
import { lookupKeyOf } from '../lookup-key.ts';
import type { CachedKey } from './cached-key.ts';
import type { ExpirySweep } from './expiry-sweep.ts';
import { rangeOf } from './key-layout.ts';
import type { RegisteredState, StateRegistry } from './state-registry.ts';
import type { WorkingSet } from './working-set.ts';

interface Work {
  readonly states: readonly RegisteredState[];
  readonly missing: readonly CachedKey[];
  readonly sweep: ExpirySweep;
}

/** Undefined where everything is in memory when this returns. */
export function prepareKeys(
  working: WorkingSet,
  { registry, sweep }: { readonly registry: StateRegistry; readonly sweep: ExpirySweep },
  keys: readonly unknown[],
): Promise<void> | undefined {
  working.cache.round++;
  const missing: CachedKey[] = [];
  for (const key of keys) {
    const lookup = lookupKeyOf(key);
    const cached = working.cache.find(lookup);
    if (cached === undefined) missing.push(working.newKey(key, lookup));
    else cached.round = working.cache.round;
  }
  const states = registry.byKey.filter((state) => state.mayHaveEntries);
  const hasToFetch = missing.length > 0 && states.length > 0;
  if (!hasToFetch) for (const key of missing) key.isComplete = true;
  const hasToEvict = working.cache.isFull;
  sometimes(missing.length === 0, 'all keys of a batch are in the cache of a RocksDB backend');
  if (!hasToFetch && !hasToEvict && !working.hasToFlush) return undefined;
  return run(working, { states, missing: hasToFetch ? missing : [], sweep });
}

async function run(working: WorkingSet, { states, missing, sweep }: Work): Promise<void> {
  // The calls are made before anything is awaited: reads see the write in front of them.
  const mustWrite = working.cache.isFull || working.hasToFlush;
  const written = mustWrite ? working.flush() : undefined;
  if (working.cache.isFull) working.evict();
  const singles = states.filter((state) => state.isSingle);
  const ranges = states.filter((state) => !state.isSingle);
  const reads = [
    readSingles(working, singles, missing),
    ...ranges.map((state) => readRanges(working, state, missing)),
    sweep.run(),
  ];
  try {
    await Promise.all([written, ...reads]);
  } catch (error) {
    for (const key of missing) working.cache.remove(key);
    throw error;
  }
  for (const key of missing) key.isComplete = true;
}

async function readSingles(
  working: WorkingSet,
  states: readonly RegisteredState[],
  keys: readonly CachedKey[],
): Promise<void> {
  if (states.length === 0 || keys.length === 0) return;
  const entryKeys: Uint8Array[] = [];
  for (const key of keys) {
    for (const { id } of states) entryKeys.push(working.layout.entryKey(id, key.prefix));
  }
  const values = await working.store.getMany(entryKeys);
  let index = 0;
  for (const key of keys) {
    for (const { id } of states) {
      const entryKey = entryKeys[index];
      const value = values[index++];
      if (entryKey === undefined || value === undefined) continue;
      working.keepSingle(key, id, { key: entryKey, value });
    }
  }
}

async function readRanges(
  working: WorkingSet,
  { id }: RegisteredState,
  keys: readonly CachedKey[],
): Promise<void> {
  const prefixes = keys.map((key) => working.layout.entryKey(id, key.prefix));
  const found = await Promise.all(prefixes.map((prefix) => working.store.scan(rangeOf(prefix))));
  found.forEach((entries, index) => {
    const key = keys[index];
    if (key !== undefined && entries.length > 0) working.keep(key, id, entries);
  });
}
