// Where things lie in a simulated cluster: hosts by name, directories of the shared volume.

import { type Address, address } from '../../engine/environment/network.ts';

export const CHECKPOINT_DIRECTORY = '/shared/checkpoints';
export const OUTPUT_DIRECTORY = '/shared/output';
export const STORE_DIRECTORY = '/shared/job-manager';
export const SAVEPOINT_DIRECTORY = '/shared/savepoints';
export const JOB_MANAGER: Address = address('jm');
