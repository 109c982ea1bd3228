// Where things lie in a simulated cluster: the directories of its shared volume.

export const CHECKPOINT_DIRECTORY = '/shared/checkpoints';
export const OUTPUT_DIRECTORY = '/shared/output';
export const STORE_DIRECTORY = '/shared/job-manager';
export const SAVEPOINT_DIRECTORY = '/shared/savepoints';

/** Of output: under a name that never changes again. */
export function isFinished(path: string): boolean {
  return path.slice(path.lastIndexOf('/') + 1).startsWith('part-');
}
