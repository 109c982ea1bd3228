// What lies at a place that a person names: one checkpoint or savepoint, the checkpoints of a job,
// or those of several. Looks at names only; whether what it finds is whole is for others to say.

import type { CheckpointId } from '../core/ids.ts';
import type { ArtefactStore } from './artefact-store.ts';
import { parentOf } from './checkpoint-layout.ts';
import { checkpointOfDirectory, METADATA_FILE } from './checkpoint-names.ts';
import { isFileSystemError } from './file-system-outcome.ts';

export interface LocatedCheckpoint {
  /** Within the store. */
  readonly directory: string;
  readonly name: string;
  /** By its directory's name; undefined for savepoints and what was renamed. */
  readonly number: CheckpointId | undefined;
  /** It has a `_metadata`: without one, no restore looks at it. */
  readonly isComplete: boolean;
  /** How many names stand in its directory. */
  readonly fileCount: number;
}

export interface LocatedGroup {
  /** The job's directory, or that of savepoints. */
  readonly directory: string;
  /** Ascending by number, then name. */
  readonly checkpoints: readonly LocatedCheckpoint[];
}

export type Located =
  | { readonly kind: 'found'; readonly groups: readonly LocatedGroup[] }
  /** There is something, but nothing that looks like a checkpoint. */
  | { readonly kind: 'no-checkpoint' }
  | { readonly kind: 'missing' };

export async function locateCheckpoints(store: ArtefactStore, path: string): Promise<Located> {
  const isMetadata = path.endsWith(`/${METADATA_FILE}`);
  const directory = isMetadata ? parentOf(path) : path;
  const names = await namesBelow(store, directory);
  if (names === undefined) return { kind: 'no-checkpoint' };
  if (names.length === 0 && (await store.status(directory)) === undefined) {
    return { kind: 'missing' };
  }
  if (isMetadata && !names.includes(METADATA_FILE)) return { kind: 'missing' };
  const own = checkpointAt(directory, names);
  if (own !== undefined) {
    return { kind: 'found', groups: [{ directory: parentOf(directory), checkpoints: [own] }] };
  }
  const groups = await groupsIn(store, directory, names);
  return groups.length === 0 ? { kind: 'no-checkpoint' } : { kind: 'found', groups };
}

async function groupsIn(
  store: ArtefactStore,
  directory: string,
  names: readonly string[],
): Promise<readonly LocatedGroup[]> {
  const own = await checkpointsIn(store, directory, names);
  if (own.length > 0) return [{ directory, checkpoints: own }];
  const groups: LocatedGroup[] = [];
  for (const name of names) {
    const below = `${directory}/${name}`;
    const checkpoints = await checkpointsIn(store, below, (await namesBelow(store, below)) ?? []);
    if (checkpoints.length > 0) groups.push({ directory: below, checkpoints });
  }
  return groups;
}

async function checkpointsIn(
  store: ArtefactStore,
  directory: string,
  names: readonly string[],
): Promise<readonly LocatedCheckpoint[]> {
  const found: LocatedCheckpoint[] = [];
  for (const name of names) {
    const below = `${directory}/${name}`;
    const checkpoint = checkpointAt(below, (await namesBelow(store, below)) ?? []);
    if (checkpoint !== undefined) found.push(checkpoint);
  }
  return found.toSorted((left, right) => (left.number ?? 0) - (right.number ?? 0));
}

/** Undefined for a directory that is not one's. */
function checkpointAt(directory: string, names: readonly string[]): LocatedCheckpoint | undefined {
  const name = directory.slice(directory.lastIndexOf('/') + 1);
  const number = checkpointOfDirectory(name);
  const isComplete = names.includes(METADATA_FILE);
  if (!isComplete && number === undefined) return undefined;
  return { directory, name, number, isComplete, fileCount: names.length };
}

/** Undefined for a file. */
async function namesBelow(
  store: ArtefactStore,
  directory: string,
): Promise<readonly string[] | undefined> {
  try {
    return await store.list(directory);
  } catch (error) {
    if (isFileSystemError(error, 'ENOTDIR')) return undefined;
    throw error;
  }
}
