// Finds the checkpoint a job goes on from. The newest published one decides: if it cannot be used,
// falling back to an older one would repeat what was committed since, so that is refused with the
// name of the damaged artefact, unless the user has said that it is acceptable.

import { describeError, OnceproofError } from '../core/errors.ts';
import { FileSystemError } from '../environment/filesystem.ts';
import type { CheckpointId, JobId } from '../core/ids.ts';
import { sometimes } from '../core/sometimes.ts';
import type { StateHandle } from '../state/state-handle.ts';
import type { CheckpointCoordinatorStorage } from './checkpoint-storage.ts';
import { type CompletedCheckpoint, completedCheckpoint } from './completed-checkpoint.ts';
import { isKeyProblem } from './key-problem.ts';
import { refuseEnvelope } from './metadata-envelope.ts';
import { decodeCheckpointMetadata } from './metadata-format.ts';
import { isPlaceProblem, unreachableSnapshot } from './snapshot-place-errors.ts';
import { verifyCheckpoint } from './verify-checkpoint.ts';

export interface UnreadableCheckpoint {
  readonly kind: 'unreadable';
  readonly id: CheckpointId;
  /** The artefact that is damaged. */
  readonly place: string;
  readonly problem: string;
  /** Not damaged: the right key would open it, so nothing older may take its place. */
  readonly keyProblem?: OnceproofError;
}

export type RecoveryCandidate =
  | { readonly kind: 'readable'; readonly checkpoint: CompletedCheckpoint }
  | UnreadableCheckpoint;

export type RecoveryDecision =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'restore';
      readonly checkpoint: CompletedCheckpoint;
      /** Readable ones before it, ascending: still retained. */
      readonly older: readonly CompletedCheckpoint[];
      /** To be reported. Ids above `checkpoint` only with `allowFallback`. */
      readonly unreadable: readonly UnreadableCheckpoint[];
    }
  | { readonly kind: 'refused'; readonly error: OnceproofError };

export interface RecoverOptions {
  readonly storage: CheckpointCoordinatorStorage;
  readonly job: JobId;
  /** Of the worker storage: verifies what it reads. */
  readonly read: (handle: StateHandle) => Promise<Uint8Array>;
  /** Go back to an older checkpoint, and repeat output, rather than stop. */
  readonly allowFallback: boolean;
  /** Where being published is not enough to be complete. Default: it is. */
  readonly isRecorded?: (checkpoint: CheckpointId) => boolean;
}

export interface Recovery {
  readonly decision: RecoveryDecision;
  /** The highest id that was ever published here, readable or not; 0 if none was. */
  readonly highestId: number;
}

/** Rejects with what the file system said if it fails: nothing is known then, so try again. */
export async function recoverCheckpoints(options: RecoverOptions): Promise<Recovery> {
  const stored = await options.storage.listCheckpoints(options.job);
  const candidates: RecoveryCandidate[] = [];
  const { storage, job, isRecorded = () => true } = options;
  const complete = stored.filter(({ checkpoint }) => isRecorded(checkpoint));
  sometimes(complete.length < stored.length, 'a published checkpoint does not count');
  for (const one of complete) candidates.push(await readCandidate(storage, { ...one, job }));
  await verifyNewest(candidates, options);
  const decision = chooseRestore(candidates, options.allowFallback);
  return { decision, highestId: stored.at(-1)?.checkpoint ?? 0 };
}

/** Reads and verifies one checkpoint or savepoint that a user points to. Rejects with OP-E580. */
export async function recoverPointer(
  options: Pick<RecoverOptions, 'storage' | 'read'> & { readonly pointer: string },
): Promise<RecoveryDecision> {
  const { storage, pointer, read } = options;
  const bare = pointer.replace(/\/_metadata$/, '');
  const located = { checkpoint: undefined, job: undefined, pointer: bare };
  try {
    const candidate = await readCandidate(storage, located);
    return chooseRestore([await verifyCandidate(candidate, read)], false);
  } catch (error) {
    throw error instanceof FileSystemError ? unreachableSnapshot(bare, error) : error;
  }
}

/** Pure. `candidates` ascending by id. */
export function chooseRestore(
  candidates: readonly RecoveryCandidate[],
  allowFallback: boolean,
): RecoveryDecision {
  const newest = candidates.at(-1);
  if (newest === undefined) return { kind: 'none' };
  if (newest.kind === 'unreadable' && !allowFallback) return refuse(newest);
  const keyProblem = candidates.reduce(latestKeyProblem, undefined);
  if (keyProblem !== undefined) return { kind: 'refused', error: keyProblem };
  const readable = candidates.filter((candidate) => candidate.kind === 'readable');
  const checkpoint = readable.at(-1)?.checkpoint;
  // Nothing to fall back to is not permission to start from nothing.
  if (checkpoint === undefined) {
    return newest.kind === 'unreadable' ? refuse(newest) : { kind: 'none' };
  }
  return {
    kind: 'restore',
    checkpoint,
    older: readable.slice(0, -1).map((candidate) => candidate.checkpoint),
    unreadable: candidates.filter((candidate) => candidate.kind === 'unreadable'),
  };
}

/** One older than a readable checkpoint does not matter. */
function latestKeyProblem(
  before: OnceproofError | undefined,
  candidate: RecoveryCandidate,
): OnceproofError | undefined {
  return candidate.kind === 'readable' ? undefined : (candidate.keyProblem ?? before);
}

function refuse({ id, place, problem, keyProblem }: UnreadableCheckpoint): RecoveryDecision {
  if (keyProblem !== undefined) return { kind: 'refused', error: keyProblem };
  const which = id === 0 ? 'the savepoint' : `checkpoint ${id}, the newest`;
  const error = new OnceproofError('OP-E505', `Cannot restore ${which}: ${problem}`, {
    place,
    remedy:
      'Put the artefact back from a copy, start from a savepoint, or set allowFallback if older ' +
      'state and repeated output are acceptable',
  });
  return { kind: 'refused', error };
}

/** With what it has to be, where it was not a user who pointed to it. */
interface Located {
  readonly pointer: string;
  readonly checkpoint: CheckpointId | undefined;
  readonly job: JobId | undefined;
}

async function readCandidate(
  storage: CheckpointCoordinatorStorage,
  { checkpoint, job, pointer }: Located,
): Promise<RecoveryCandidate> {
  const place = `${pointer}/_metadata`;
  const id = checkpoint ?? (0 as CheckpointId);
  try {
    const bytes = await storage.readMetadata(pointer);
    const metadata = decodeCheckpointMetadata(bytes, place, storage.pathOf(pointer));
    refuseEnvelope(metadata, place);
    const isItself = checkpoint === undefined || metadata.checkpoint === checkpoint;
    const isOwn = job === undefined || metadata.job === job;
    if (isItself && isOwn) {
      return { kind: 'readable', checkpoint: completedCheckpoint(metadata, pointer) };
    }
    const of = isOwn ? '' : ` of job "${metadata.job}"`;
    const problem = `it is the metadata of checkpoint ${metadata.checkpoint}${of}`;
    return { kind: 'unreadable', id, place, problem };
  } catch (error) {
    if (error instanceof FileSystemError) throw error;
    if (checkpoint === undefined && isPlaceProblem(error)) throw error;
    return unreadable(error, id, place);
  }
}

/** From the newest down to the first that is whole: usually one. */
async function verifyNewest(
  candidates: RecoveryCandidate[],
  { read, allowFallback }: RecoverOptions,
): Promise<void> {
  for (let index = candidates.length - 1; index >= 0; index--) {
    const candidate = candidates[index];
    if (candidate === undefined) return;
    const verified = await verifyCandidate(candidate, read);
    candidates[index] = verified;
    if (verified.kind === 'readable' || !allowFallback) return;
  }
}

async function verifyCandidate(
  candidate: RecoveryCandidate,
  read: RecoverOptions['read'],
): Promise<RecoveryCandidate> {
  if (candidate.kind === 'unreadable') return candidate;
  const { id, metadata, pointer } = candidate.checkpoint;
  const problems = await verifyCheckpoint(metadata, read).catch((error: unknown) => {
    if (error instanceof OnceproofError && isKeyProblem(error)) return error;
    throw error;
  });
  if (problems instanceof OnceproofError) {
    return unreadable(problems, id, problems.place ?? pointer);
  }
  const [first, ...others] = problems;
  if (first === undefined) return candidate;
  const more = others.length === 0 ? '' : `, and ${others.length} more artefacts`;
  return { kind: 'unreadable', id, place: first.place, problem: `${first.problem}${more}` };
}

function unreadable(error: unknown, id: CheckpointId, place: string): UnreadableCheckpoint {
  const problem = problemOf(error);
  const common = { kind: 'unreadable', id, place, problem } as const;
  const isKey = error instanceof OnceproofError && isKeyProblem(error);
  return isKey ? { ...common, keyProblem: error } : common;
}

/** Its remedy would contradict that of the whole. */
function problemOf(error: unknown): string {
  return error instanceof OnceproofError ? `${error.code} ${error.message}` : describeError(error);
}
