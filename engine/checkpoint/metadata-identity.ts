// Whose a `_metadata` is, by what it says and by where it stands. Both have to agree where a
// checkpoint lies in its job's directory; a savepoint, or a copy elsewhere, may have any name.

import { checkpointOfDirectory, plainName } from './checkpoint-names.ts';
import type { CheckpointMetadata } from './metadata.ts';

export type MetadataIdentity = Pick<CheckpointMetadata, 'checkpoint' | 'job'>;

/**
 * For `path`, below the base directory or not: whether metadata of such an identity belongs there.
 */
export function isMeantFor(path: string, base: string): (identity: MetadataIdentity) => boolean {
  if (!path.startsWith(`${base}/`)) return () => true;
  const [jobName, directory = '', ...file] = path.slice(base.length + 1).split('/');
  const expected = checkpointOfDirectory(directory);
  if (expected === undefined || file.length !== 1) return () => true;
  return ({ checkpoint, job }) => checkpoint === expected && plainName(job) === jobName;
}
