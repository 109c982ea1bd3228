// The integrity matrix of one backend, as tests: every kind of artefact, every corruption, and what
// becomes of the job. Damage is detected and named; then the job refuses to go on, goes back as far
// as the user allows, or goes on from another copy. It is never restored and never ignored.

import test from 'ava';

import { ArtefactCipher } from '../../engine/checkpoint/artefact-cipher.ts';
import type { Encryption } from '../../engine/checkpoint/encryption-keys.ts';
import type { RepairedArtefact } from '../../engine/checkpoint/replicated-artefact-store.ts';
import type { Corruption } from '../../simulator/index.ts';
import type { Artefacts, OpenBackend } from '../cluster/backends/backend-profile.ts';
import { type Changes, CORRUPTIONS, damage, type Target } from '../support/damage.ts';
import {
  type Stored,
  type Struck,
  strikeWhileDown,
  wrongFallback,
  wrongRefusal,
  wrongSurvival,
} from '../support/integrity.ts';
import { protectedBackend } from '../support/protected-backend.ts';

export interface ArtefactKind {
  readonly what: string;
  readonly strike: (stored: Stored, corruption: Corruption) => Changes;
}

/** The usual way: what is done to a file. */
export function fileKind(what: string, target: (stored: Artefacts) => Target): ArtefactKind {
  return {
    what,
    strike: ({ raw, readable }, corruption) => damage(raw, target(readable), corruption),
  };
}

export interface IntegrityMatrix {
  readonly backend: OpenBackend;
  /** Exclusive state from this size on is a file. */
  readonly inlineBelowBytes: number;
  /** 100 by default; fewer where checkpoints take long. */
  readonly recordsPerSecond?: number;
  readonly kinds: readonly ArtefactKind[];
  readonly corruptions?: readonly Corruption[];
  /** What is wrong in one copy is right in another. */
  readonly hasReplica: boolean;
  readonly encryption?: Encryption;
}

export function integrityMatrix(name: string, matrix: IntegrityMatrix): void {
  const { kinds, corruptions = CORRUPTIONS, hasReplica } = matrix;
  for (const kind of kinds) {
    for (const corruption of corruptions) {
      const cell = { ...matrix, name: `${name}, ${kind.what}, ${corruption}`, kind, corruption };
      refused(cell);
      survivedByOlder(cell);
      if (hasReplica) survivedByReplica(cell);
    }
  }
}

interface Cell extends IntegrityMatrix {
  readonly name: string;
  readonly kind: ArtefactKind;
  readonly corruption: Corruption;
}

function struckOf({ kind, corruption, ...matrix }: Cell): Struck {
  const { backend, inlineBelowBytes, recordsPerSecond = 100 } = matrix;
  const strike = (stored: Stored): Changes => kind.strike(stored, corruption);
  const encryption = matrix.encryption;
  const common = { inlineBelowBytes, recordsPerSecond, strike };
  if (encryption === undefined) return { ...common, backend };
  return {
    ...common,
    backend: protectedBackend(backend, { encryption, isMirrored: false }),
    reveal: revealWith(encryption),
  };
}

/** What the engine would read, by the path that it knows the artefact under. */
function revealWith(encryption: Encryption): NonNullable<Struck['reveal']> {
  const randomBytes = (): Uint8Array => new Uint8Array(0);
  const cipher = new ArtefactCipher({ encryption, randomBytes });
  return (path, bytes) => cipher.open({ path, place: path }, bytes);
}

function refused(cell: Cell): void {
  test.serial(`${cell.name}: the job stops and names it`, async (t) => {
    t.is(wrongRefusal(await strikeWhileDown(struckOf(cell))), undefined);
  });
}

function survivedByOlder(cell: Cell): void {
  test.serial(`${cell.name}: where it is allowed, the job goes on from an older one`, async (t) => {
    const after = await strikeWhileDown({ ...struckOf(cell), allowFallback: true });
    t.is(wrongFallback(after), undefined);
  });
}

function survivedByReplica(cell: Cell): void {
  test.serial(`${cell.name}: with a replica nothing is lost, and it is mended`, async (t) => {
    const repairs: RepairedArtefact[] = [];
    const { encryption } = cell;
    const backend = protectedBackend(cell.backend, {
      isMirrored: true,
      onRepair: (repair) => repairs.push(repair),
      ...(encryption === undefined ? {} : { encryption }),
    });
    const after = await strikeWhileDown({ ...struckOf(cell), backend });
    t.is(wrongSurvival(after), undefined);
    const mended = repairs.filter(({ isRepaired }) => isRepaired).map(({ place }) => place);
    const isMended = (path: string): boolean => mended.some((place) => place.endsWith(path));
    t.true(after.damaged.some(isMended), mended.join());
  });
}
