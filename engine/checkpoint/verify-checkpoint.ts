// Reads every artefact a checkpoint refers to, once, and tells what is wrong with which of them:
// before anything is restored, so that damage is named and never half applied.

import { FileSystemError } from '../environment/filesystem.ts';
import { describeError } from '../core/errors.ts';
import type { StateHandle } from '../state/state-handle.ts';
import { isKeyProblem } from './key-problem.ts';
import { type CheckpointMetadata, handlesOf } from './metadata.ts';

export interface ArtefactProblem {
  /** The file, or which part of the metadata. */
  readonly place: string;
  readonly problem: string;
}

/** `read` throws for bytes that are missing or altered. What the file system throws passes. */
export async function verifyCheckpoint(
  metadata: CheckpointMetadata,
  read: (handle: StateHandle) => Promise<Uint8Array>,
): Promise<readonly ArtefactProblem[]> {
  const seen = new Set<string>();
  const problems: ArtefactProblem[] = [];
  for (const handle of handlesOf(metadata)) {
    const place = handle.kind === 'file' ? handle.path : '_metadata';
    // Subtasks may share a file; each claim about its content is checked.
    const claim = `${place}:${handle.sizeBytes}:${handle.checksum}`;
    if (handle.kind === 'file' && seen.has(claim)) continue;
    seen.add(claim);
    try {
      await read(handle);
    } catch (error) {
      // Neither a file system that fails nor a key that is missing says anything about the
      // artefact.
      if (error instanceof FileSystemError || isKeyProblem(error)) throw error;
      problems.push({ place, problem: describeError(error) });
    }
  }
  return problems;
}
