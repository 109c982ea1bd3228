// What file names in a checkpoint directory say, and how they are made: which checkpoint a
// directory or a shared file belongs to, and which name `_metadata` has before it is whole.

import { type CheckpointId, checkpointId } from '../core/ids.ts';

/**
 * Published under this name, a checkpoint is complete; other names that begin like it say nothing.
 */
export const METADATA_FILE = '_metadata';

const CHECKPOINT_NAME = /^chk-([1-9][0-9]{0,15})$/;
const SHARED_NAME = /^([1-9][0-9]{0,15})-/;
/** Leaves room in the 255 bytes of a file name for an id, a counter and separators. */
const HINT_LENGTH_MAX = 180;

/** Undefined for anything that is not the directory of a checkpoint. */
export function checkpointOfDirectory(name: string): CheckpointId | undefined {
  return idOf(CHECKPOINT_NAME, name);
}

/** Shared files name the checkpoint that made them, so that a sweep can tell old from new. */
export function artefactName(options: {
  readonly scope: 'exclusive' | 'shared';
  readonly checkpoint: CheckpointId;
  readonly hint: string;
  readonly counter: number;
}): string {
  const { scope, checkpoint, hint, counter } = options;
  const name = `${plainName(hint)}-${counter}`;
  return scope === 'shared' ? `${checkpoint}-${name}` : name;
}

export function checkpointOfSharedFile(name: string): CheckpointId | undefined {
  return idOf(SHARED_NAME, name);
}

/** Ids are made of characters that a file name may not have everywhere. */
export function plainName(text: string): string {
  const plain = text.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, HINT_LENGTH_MAX);
  return plain === '' ? '_' : plain;
}

function idOf(pattern: RegExp, name: string): CheckpointId | undefined {
  const digits = pattern.exec(name)?.[1];
  return digits === undefined ? undefined : checkpointId(Number(digits));
}
