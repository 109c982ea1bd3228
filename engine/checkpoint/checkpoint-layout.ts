// Names in a checkpoint directory, and nothing else: where things lie, and which names say what.
//
//   <base>/<job>/chk-<N>/        files of checkpoint N, and its `_metadata` once it is complete
//   <base>/<job>/shared/         files that several checkpoints may use
//   <base>/<job>/taskowned/      files that only their writers delete
//   <target>/savepoint-<job>-<random>/   a savepoint, complete in itself

import type { CheckpointId, JobId } from '../core/ids.ts';
import { plainName } from './checkpoint-names.ts';

const CHECKPOINT_PREFIX = 'chk-';
export interface JobLayout {
  readonly directory: string;
  readonly shared: string;
  readonly taskOwned: string;
}

export function jobLayout(base: string, job: JobId): JobLayout {
  const directory = `${base}/${plainName(job)}`;
  return { directory, shared: `${directory}/shared`, taskOwned: `${directory}/taskowned` };
}

export function checkpointDirectory(base: string, job: JobId, checkpoint: CheckpointId): string {
  return `${jobLayout(base, job).directory}/${CHECKPOINT_PREFIX}${checkpoint}`;
}

export function savepointDirectory(target: string, job: JobId, random: string): string {
  return `${target}/savepoint-${plainName(job).slice(0, 6)}-${plainName(random)}`;
}

export function parentOf(path: string): string {
  const end = path.lastIndexOf('/');
  return end <= 0 ? '/' : path.slice(0, end);
}
