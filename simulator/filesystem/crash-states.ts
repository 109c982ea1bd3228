// Every state that a crash can leave, where they are few: all sets of un-synced operations that
// respect the order on each sector, size and name, with writes and growth torn in every way or, if
// that is too much, at the places that matter. Pure: it enumerates and applies nothing.

import type { Address } from '../../engine/environment/network.ts';
import {
  isClean,
  nameKeys,
  type NameOperation,
  type Operation,
  type ResizeOperation,
  type WriteOperation,
} from './operation.ts';
import { SECTOR_BYTES, sectorPart, sectorRange } from './write-parts.ts';

/** What is left of each operation that survived, whole or torn. */
export type CrashState = ReadonlyMap<Operation, readonly Operation[]>;

export interface CrashStatesOptions {
  readonly statesMax: number;
  /**
   * A write of up to so many sectors survives as any set of them; of a longer one none, all, each
   * beginning, and all but each single sector.
   */
  readonly freeSectorsMax: number;
}

/** A way an operation may have gone, with what later operations can no longer build on. */
interface Outcome {
  readonly left: readonly Operation[];
  readonly lost: readonly string[];
}

/**
 * From the state that keeps everything to the one that loses everything; undefined if there are
 * more than `statesMax`. `pending` is everything un-synced of all owners, in order; only what
 * `owner` asked for is kept, as another owner's crash decides about the rest.
 */
export function crashStates(
  pending: readonly Operation[],
  owner: Address,
  options: CrashStatesOptions,
): readonly CrashState[] | undefined {
  let partial: readonly Branch[] = [{ kept: [], lost: new Set() }];
  for (const operation of pending) {
    // Nobody can have built on what was cleaned: see `isClean`.
    if (isClean(operation)) continue;
    const isOwned = operation.owner === owner;
    const next: Branch[] = [];
    for (const state of partial) {
      const outcomes = isOwned
        ? outcomesOf(operation, state.lost, options.freeSectorsMax)
        : [{ left: [], lost: keysOf(operation) }];
      for (const outcome of outcomes) next.push(extended(state, operation, outcome));
      if (next.length > options.statesMax) return undefined;
    }
    partial = next;
  }
  return partial.map((state) => new Map(state.kept));
}

interface Branch {
  readonly kept: readonly (readonly [Operation, readonly Operation[]])[];
  readonly lost: ReadonlySet<string>;
}

function extended(state: Branch, operation: Operation, { left, lost }: Outcome): Branch {
  return {
    kept: left.length === 0 ? state.kept : [...state.kept, [operation, left]],
    lost: lost.length === 0 ? state.lost : new Set([...state.lost, ...lost]),
  };
}

function outcomesOf(
  operation: Operation,
  lost: ReadonlySet<string>,
  freeSectorsMax: number,
): readonly Outcome[] {
  switch (operation.kind) {
    case 'names':
      return outcomesOfNames(operation, lost);
    case 'resize':
      return outcomesOfResize(operation, lost);
    case 'write':
      return outcomesOfWrite(operation, lost, freeSectorsMax);
  }
}

function outcomesOfNames(operation: NameOperation, lost: ReadonlySet<string>): readonly Outcome[] {
  const keys = keysOf(operation);
  const isLost = { left: [], lost: keys };
  if (keys.some((key) => lost.has(key))) return [isLost];
  return [{ left: [operation], lost: [] }, isLost];
}

/** Growth may stop at the end of any sector on its way; cutting is done or not. */
function outcomesOfResize(
  operation: ResizeOperation,
  lost: ReadonlySet<string>,
): readonly Outcome[] {
  const keys = keysOf(operation);
  const outcomes: Outcome[] = [{ left: [], lost: keys }];
  if (keys.some((key) => lost.has(key))) return outcomes;
  const { fromBytes, sizeBytes } = operation;
  const start = (Math.floor(fromBytes / SECTOR_BYTES) + 1) * SECTOR_BYTES;
  for (let end = start; end < sizeBytes; end += SECTOR_BYTES) {
    outcomes.unshift({ left: [{ ...operation, sizeBytes: end }], lost: keys });
  }
  outcomes.unshift({ left: [operation], lost: [] });
  return outcomes;
}

function outcomesOfWrite(
  operation: WriteOperation,
  lost: ReadonlySet<string>,
  freeSectorsMax: number,
): readonly Outcome[] {
  const { first, last } = sectorRange(operation);
  const free: number[] = [];
  for (let sector = first; sector <= last; sector++) {
    if (!lost.has(sectorKey(operation, sector))) free.push(sector);
  }
  return survivingSets(free, freeSectorsMax).map((survivors) => ({
    left: survivors.map((sector) => sectorPart(operation, sector)),
    lost: free
      .filter((sector) => !survivors.includes(sector))
      .map((sector) => sectorKey(operation, sector)),
  }));
}

/** All of them first, none of them last. */
function survivingSets(sectors: readonly number[], freeSectorsMax: number): readonly number[][] {
  if (sectors.length <= freeSectorsMax) {
    let sets: number[][] = [[]];
    for (const sector of sectors) sets = [...sets.map((set) => [...set, sector]), ...sets];
    return sets;
  }
  const beginnings = sectors.map((_, count) => sectors.slice(0, count)).toReversed();
  // Without its last sector it is a beginning.
  const withHoles = sectors.slice(0, -1).map((hole) => sectors.filter((each) => each !== hole));
  return [[...sectors], ...withHoles, ...beginnings];
}

function keysOf(operation: Operation): readonly string[] {
  switch (operation.kind) {
    case 'names':
      return nameKeys(operation).map((key) => `name ${key}`);
    case 'resize':
      return [`size ${operation.inode}`];
    case 'write': {
      const { first, last } = sectorRange(operation);
      const keys: string[] = [];
      for (let sector = first; sector <= last; sector++) keys.push(sectorKey(operation, sector));
      return keys;
    }
  }
}

function sectorKey({ inode }: WriteOperation, sector: number): string {
  return `sector ${inode}/${sector}`;
}
