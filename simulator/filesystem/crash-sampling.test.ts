// What may survive a crash: any set that respects the order on each sector, size and name, and no
// other. Legality is judged here from the operations alone, by other means than the sampler's.

import test from 'ava';
import fc from 'fast-check';

import { type Address, address } from '../../engine/environment/network.ts';
import { SeededRandom } from '../../engine/environment/seeded-random.ts';
import { type CrashMode, selectSurvivors } from './crash-sampling.ts';
import { isClean, nameKeys, type Operation } from './operation.ts';
import { SECTOR_BYTES, sectorRange } from './write-parts.ts';

const CRASHED = address('crashed');
const owner = fc.constantFrom<Address>(CRASHED, CRASHED, CRASHED, address('alive'));
const inode = fc.constantFrom(2, 3);

/** Few inodes, sectors and names, so that operations meet. */
const anOperation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({
    kind: fc.constant('write' as const),
    id: fc.constant(0),
    owner,
    inode,
    offset: fc.nat(SECTOR_BYTES * 3),
    bytes: fc.integer({ min: 1, max: SECTOR_BYTES * 3 }).map((length) => new Uint8Array(length)),
    newBlocksFrom: fc.constant(0),
    isClean: fc.constantFrom(false, false, false, true),
  }),
  fc.record({
    kind: fc.constant('resize' as const),
    id: fc.constant(0),
    owner,
    inode,
    fromBytes: fc.nat(3_000),
    isTruncation: fc.boolean(),
    sizeBytes: fc.nat(3_000),
  }),
  fc.record({
    kind: fc.constant('names' as const),
    id: fc.constant(0),
    owner,
    changes: fc.uniqueArray(
      fc.record({ directory: fc.constant(1), name: fc.constantFrom('a', 'b', 'c'), inode }),
      { minLength: 1, maxLength: 3, selector: (change) => change.name },
    ),
    unsynced: fc.constant(new Set([1])),
    movesDirectory: fc.boolean(),
    flushes: fc.constant(undefined),
    isClean: fc.constantFrom(false, false, false, true),
  }),
);

const someOperations = fc
  .array(anOperation, { minLength: 1, maxLength: 12 })
  .map((operations) => operations.map((operation, index) => ({ ...operation, id: index + 1 })));

test('only legal sets survive, by every mode, and every mode is drawn', (t) => {
  const modes = new Set<CrashMode>();
  const property = fc.property(fc.string({ minLength: 1 }), someOperations, (seed, pending) => {
    const { mode, kept } = selectSurvivors(pending, CRASHED, new SeededRandom(seed));
    modes.add(mode);
    const lostKeys = new Set<string>();
    for (const operation of pending) {
      const left = kept.get(operation) ?? [];
      if (operation.owner !== CRASHED) t.is(left.length, 0, 'a living host decides for itself');
      if (isClean(operation)) {
        t.is(left.length, 0, 'clean pages are never written');
        continue;
      }
      const keptKeys = left.flatMap(keysOf);
      for (const key of keptKeys) t.false(lostKeys.has(key), `${mode}: ${key} out of order`);
      const isTornSize = operation.kind === 'resize' && left[0] !== operation;
      for (const key of keysOf(operation)) {
        if (isTornSize || !keptKeys.includes(key)) lostKeys.add(key);
      }
    }
  });
  fc.assert(property, { numRuns: 2_000 });
  t.is(modes.size, 6);
});

test('what is left of a torn write are whole sectors of it', (t) => {
  const property = fc.property(fc.string({ minLength: 1 }), someOperations, (seed, pending) => {
    const { kept } = selectSurvivors(pending, CRASHED, new SeededRandom(seed));
    for (const [operation, left] of kept) {
      if (operation.kind !== 'write' || left[0] === operation) continue;
      const end = operation.offset + operation.bytes.length;
      for (const part of left) {
        if (part.kind !== 'write') return t.fail('a write leaves writes');
        const partEnd = part.offset + part.bytes.length;
        t.true(part.offset === operation.offset || part.offset % SECTOR_BYTES === 0);
        t.true(partEnd === end || partEnd % SECTOR_BYTES === 0);
      }
    }
  });
  fc.assert(property, { numRuns: 500 });
});

function keysOf(operation: Operation): string[] {
  switch (operation.kind) {
    case 'names':
      return nameKeys(operation);
    case 'resize':
      return [`size of ${operation.inode}`];
    case 'write': {
      const { first, last } = sectorRange(operation);
      const sectors = Array.from({ length: last - first + 1 }, (_, index) => first + index);
      return sectors.map((sector) => `sector ${operation.inode}:${sector}`);
    }
  }
}
