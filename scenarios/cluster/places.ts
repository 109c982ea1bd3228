// Where things lie in a simulated cluster: the directories of its shared volume.

export const CHECKPOINT_DIRECTORY = '/shared/checkpoints';
export const OUTPUT_DIRECTORY = '/shared/output';
export const STORE_DIRECTORY = '/shared/job-manager';
export const SAVEPOINT_DIRECTORY = '/shared/savepoints';
