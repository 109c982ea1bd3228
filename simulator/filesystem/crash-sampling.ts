// Which of the un-synced operations of a crashed host reached the device. Any set is legal that
// respects the order of operations on the same sector, size or name; the modes draw the sets that
// find bugs. Pure: it decides and applies nothing.

import type { Address } from '../../engine/environment/network.ts';
import type { Random } from '../../engine/environment/random.ts';
import {
  isClean,
  type NameOperation,
  nameKeys,
  type Operation,
  type ResizeOperation,
  type WriteOperation,
} from './operation.ts';
import { SECTOR_BYTES, sectorPart, sectorRange } from './write-parts.ts';

/**
 * lose-all: nothing was written back. keep-all: everything was, just in time. prefix: written back
 * in order, the last one torn. random-subset: any. omit-one: all but one, which finds pairs that
 * need an order; omit-one-of-prefix: the same inside a prefix.
 */
export type CrashMode =
  | 'lose-all'
  | 'keep-all'
  | 'prefix'
  | 'random-subset'
  | 'omit-one'
  | 'omit-one-of-prefix';

export interface CrashSelection {
  readonly mode: CrashMode;
  /** What is left of each operation that survived, whole or torn. */
  readonly kept: ReadonlyMap<Operation, readonly Operation[]>;
}

/** Whether an operation was written back, and if so, whether it may have been torn. */
type Choice = 'lost' | 'kept' | 'torn';

/** `pending` is everything un-synced of all owners, in order; only that of `owner` can be kept. */
export function selectSurvivors(
  pending: readonly Operation[],
  owner: Address,
  random: Random,
): CrashSelection {
  const isCandidate = (operation: Operation): boolean =>
    operation.owner === owner && !isClean(operation);
  const mode = drawMode(random);
  const choose = chooser(mode, pending.filter(isCandidate).length, random);
  const order = new PersistenceOrder(random);
  const kept = new Map<Operation, readonly Operation[]>();
  let index = 0;
  for (const operation of pending) {
    const choice = isCandidate(operation) ? choose(index++) : 'lost';
    const left = order.decide(operation, choice);
    if (left.length > 0) kept.set(operation, left);
  }
  return { mode, kept };
}

function drawMode(random: Random): CrashMode {
  const draw = random.below(10);
  if (draw === 0) return 'keep-all';
  if (draw <= 2) return 'lose-all';
  if (draw <= 4) return 'prefix';
  if (draw <= 6) return 'random-subset';
  return draw <= 8 ? 'omit-one' : 'omit-one-of-prefix';
}

function chooser(mode: CrashMode, count: number, random: Random): (index: number) => Choice {
  const end = mode.endsWith('prefix') ? random.below(count + 1) : count;
  const omitted = end > 0 ? random.below(end) : 0;
  const keepProbability = 0.3 + random.fraction() * 0.65;
  switch (mode) {
    case 'lose-all':
      return () => 'lost';
    case 'keep-all':
      return () => 'kept';
    case 'prefix':
      return (index) => {
        if (index === end) return 'torn';
        return index < end ? 'kept' : 'lost';
      };
    case 'omit-one':
    case 'omit-one-of-prefix':
      return (index) => {
        if (index === omitted) return 'torn';
        return index < end ? 'kept' : 'lost';
      };
    case 'random-subset':
      return () => {
        if (!random.chance(keepProbability)) return 'lost';
        return random.chance(0.5) ? 'kept' : 'torn';
      };
  }
}

/** Walks the operations in order; what depends on something lost is lost as well. */
class PersistenceOrder {
  readonly #random: Random;
  readonly #lostNames = new Set<string>();
  readonly #lostSizes = new Set<number>();
  readonly #lostSectors = new Map<number, Set<number>>();

  constructor(random: Random) {
    this.#random = random;
  }

  decide(operation: Operation, choice: Choice): readonly Operation[] {
    if (isClean(operation)) return [];
    switch (operation.kind) {
      case 'names':
        return this.#decideNames(operation, choice);
      case 'resize':
        return this.#decideResize(operation, choice);
      case 'write':
        return this.#decideWrite(operation, choice);
    }
  }

  #decideNames(operation: NameOperation, choice: Choice): readonly Operation[] {
    const keys = nameKeys(operation);
    if (choice === 'kept' && !keys.some((key) => this.#lostNames.has(key))) return [operation];
    for (const key of keys) this.#lostNames.add(key);
    return [];
  }

  /** A torn growth stops at the end of some sector, as one call writes page after page. */
  #decideResize(operation: ResizeOperation, choice: Choice): readonly Operation[] {
    const { inode, fromBytes, sizeBytes } = operation;
    const dependsOnLost = this.#lostSizes.has(inode);
    if (choice === 'kept' && !dependsOnLost) return [operation];
    this.#lostSizes.add(inode);
    if (choice !== 'torn' || dependsOnLost) return [];
    const grownSectors = Math.floor((sizeBytes - fromBytes) / SECTOR_BYTES);
    if (grownSectors < 1) return [];
    const keptBytes = this.#random.below(grownSectors) * SECTOR_BYTES;
    const boundary = Math.ceil(fromBytes / SECTOR_BYTES) * SECTOR_BYTES + keptBytes;
    return [{ ...operation, sizeBytes: Math.min(boundary, sizeBytes) }];
  }

  #decideWrite(operation: WriteOperation, choice: Choice): readonly Operation[] {
    const lost = this.#lostSectors.get(operation.inode) ?? new Set<number>();
    if (choice === 'kept' && lost.size === 0) return [operation];
    const { first, last } = sectorRange(operation);
    const survives = this.#sectorChooser(choice, first, last);
    const kept: WriteOperation[] = [];
    for (let sector = first; sector <= last; sector++) {
      if (!lost.has(sector) && survives(sector)) kept.push(sectorPart(operation, sector));
      else lost.add(sector);
    }
    if (lost.size > 0) this.#lostSectors.set(operation.inode, lost);
    return kept;
  }

  /** A torn write leaves its first sectors, all but one sector, or any of them. */
  #sectorChooser(choice: Choice, first: number, last: number): (sector: number) => boolean {
    if (choice !== 'torn') return () => choice === 'kept';
    const count = last - first + 1;
    const cut = first + this.#random.below(count);
    const shape = this.#random.below(3);
    if (shape === 0) return (sector) => sector < cut;
    if (shape === 1) return (sector) => sector !== cut;
    return () => this.#random.chance(0.5);
  }
}
