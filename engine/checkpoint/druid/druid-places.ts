// Names: which datasource and which time chunk of Druid the artefacts of a checkpoint lie in. A
// checkpoint is one time chunk of its job's datasource; a savepoint has a datasource of its own,
// which outlives the job's.

import { hashHex } from '../../core/hash.ts';
import type { CheckpointId, JobId } from '../../core/ids.ts';
import { checkpointDirectory } from '../checkpoint-layout.ts';
import { plainName } from '../checkpoint-names.ts';

export interface DruidPlace {
  /** Absolute: `/<job>/chk-<N>`, or that of a savepoint. */
  readonly directory: string;
  readonly datasource: string;
  /** Where artefacts wait until the whole checkpoint is published. */
  readonly staging: string;
  /** Number of the time chunk; chunk N of a job is its checkpoint N. */
  readonly chunk: number;
}

/** Segment ids and task ids have 255 characters in Druid's metadata store, and hold it twice. */
const DATASOURCE_LENGTH_MAX = 90;
/** No job's name has a dot, so no job's datasource is another's staging. */
const STAGING_SUFFIX = '.staging';
const CHECKPOINT_DIRECTORY = /^\/([^/]+)\/chk-([1-9][0-9]{0,15})$/;

export function placeOfCheckpoint(
  prefix: string,
  job: JobId,
  checkpoint: CheckpointId,
): DruidPlace {
  return placeOfDirectory(prefix, checkpointDirectory('', job, checkpoint));
}

export function placeOfDirectory(prefix: string, directory: string): DruidPlace {
  const found = CHECKPOINT_DIRECTORY.exec(directory);
  const job = found?.[1];
  const datasource =
    job === undefined ? savepointDatasource(prefix, directory) : jobDatasource(prefix, job);
  const chunk = Number(found?.[2] ?? 0);
  return { directory, datasource, staging: stagingOf(datasource), chunk };
}

export function stagingOf(datasource: string): string {
  return `${datasource}${STAGING_SUFFIX}`;
}

export function jobDatasource(prefix: string, job: string): string {
  const plain = plainName(job);
  const name = `${prefix}${plain}`;
  if (name.length <= DATASOURCE_LENGTH_MAX) return name;
  return `${name.slice(0, DATASOURCE_LENGTH_MAX - 17)}_${hashHex(plain)}`;
}

/** The whole directory counts: savepoints of the same name may lie below two targets. */
function savepointDatasource(prefix: string, directory: string): string {
  const name = plainName(directory.slice(directory.lastIndexOf('/') + 1));
  const room = DATASOURCE_LENGTH_MAX - prefix.length - 17;
  return `${prefix}${name.slice(0, Math.max(1, room))}_${hashHex(directory)}`;
}
