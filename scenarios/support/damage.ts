// The ways in which what is stored of a checkpoint can be wrong, done to the newest one of a job.
// Pure: what is to be changed is the caller's to change, past every check of whoever keeps it.

import {
  type ArtefactReference,
  referencesOf,
} from '../../engine/checkpoint/artefact-references.ts';
import type { CheckpointMetadata } from '../../engine/checkpoint/metadata.ts';
import { decodeCheckpointMetadata } from '../../engine/checkpoint/metadata-format.ts';
import { assert, present, unreachable } from '../../engine/core/assert.ts';
import type { Corruption } from '../../simulator/index.ts';
import type { Artefacts } from '../cluster/backends/backend-profile.ts';
import { withWrongLength } from '../cluster/corruption.ts';

export const CORRUPTIONS: readonly Corruption[] = [
  'bit-flip',
  'truncate',
  'missing',
  /** With its counterpart in an older checkpoint. */
  'swap',
  'stale',
  'duplicate',
  'wrong-length',
];

export interface StoredMetadata {
  readonly checkpoint: number;
  readonly path: string;
  readonly metadata: CheckpointMetadata;
  /** As whoever keeps them names them: of itself and all that it refers to. */
  readonly needs: readonly string[];
}

/** An artefact of the newest checkpoint, and what stood in its place in one before. */
export interface Target {
  readonly path: string;
  readonly older: string;
}

const METADATA = /\/chk-([0-9]+)\/_metadata$/;
const FOOTER_BYTES = 8;

/** Other bytes for a path, or none at all. */
export type Changes = ReadonlyMap<string, Uint8Array | undefined>;

/** Of all complete checkpoints, the newest first. */
export function storedMetadata(all: Artefacts): readonly StoredMetadata[] {
  const found = [...all].flatMap(([path, bytes]) => {
    const digits = METADATA.exec(path)?.[1];
    if (digits === undefined) return [];
    const metadata = decodeCheckpointMetadata(bytes, path);
    const files = filesOf(metadata).flatMap((file) => locate(all, pathIn(file)) ?? []);
    return [{ checkpoint: Number(digits), path, metadata, needs: [path, ...files] }];
  });
  return found.toSorted((left, right) => right.checkpoint - left.checkpoint);
}

export function metadataTarget(all: Artefacts): Target {
  const [newest, older] = storedMetadata(all);
  return targetOf(newest?.path, older?.path, 'metadata');
}

/** The first artefact of this kind that is a file, of the newest checkpoint. */
export function artefactTarget(
  all: Artefacts,
  isMeant: (reference: ArtefactReference) => boolean,
): Target {
  const [newest = [], older = []] = storedMetadata(all).map(({ metadata }) => filesOf(metadata));
  const meant = newest.filter(isMeant);
  const path = locate(all, meant.map(pathIn)[0]);
  // Checkpoints share tables, and some descriptions never change: then anything else will do.
  const others = [...older.filter(isMeant), ...meant, ...older].map((one) =>
    locate(all, pathIn(one)),
  );
  const other = others.find((one) => one !== undefined && differs(all, one, path));
  return targetOf(path, other, 'artefact');
}

export function damage(all: Artefacts, target: Target, corruption: Corruption): Changes {
  const { path, older } = target;
  const bytes = bytesAt(all, path);
  const theirs = bytesAt(all, older);
  assert(bytes.length > FOOTER_BYTES, `Cannot damage "${path}": it is empty`);
  switch (corruption) {
    case 'bit-flip':
      return new Map([[path, withFlippedBit(bytes)]]);
    case 'truncate':
      return new Map([[path, bytes.slice(0, -1)]]);
    case 'missing':
      return new Map([[path, undefined]]);
    case 'swap':
      return new Map([
        [path, theirs],
        [older, bytes],
      ]);
    case 'stale':
      return new Map([[path, theirs]]);
    case 'duplicate':
      return new Map([[path, Uint8Array.of(...bytes, ...bytes)]]);
    case 'wrong-length':
      return new Map([[path, withWrongLength(path, bytes)]]);
    default:
      return unreachable(corruption);
  }
}

function withFlippedBit(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, index) => (index === bytes.length >> 1 ? byte ^ 8 : byte));
}

function bytesAt(all: Artefacts, path: string): Uint8Array {
  return present(all.get(path), `Cannot find "${path}"`);
}

function filesOf(metadata: CheckpointMetadata): readonly ArtefactReference[] {
  return referencesOf(metadata).filter(({ handle }) => handle.kind === 'file');
}

function pathIn({ handle }: ArtefactReference): string {
  return handle.kind === 'file' ? handle.path.replace(/^\.\//, '') : '';
}

/** As whoever keeps it names it: a store has its address before the path. */
function locate(all: Artefacts, path: string | undefined): string | undefined {
  return path === undefined ? undefined : [...all.keys()].find((one) => one.endsWith(path));
}

function differs(all: Artefacts, left: string, right: string | undefined): boolean {
  if (right === undefined || left === right) return false;
  return bytesAt(all, left).join() !== bytesAt(all, right).join();
}

function targetOf(path: string | undefined, older: string | undefined, what: string): Target {
  return {
    path: present(path, `Cannot damage the ${what} of the newest checkpoint: there is none`),
    older: present(older, `Cannot find another ${what} to take the place`),
  };
}
