// What is submitted to a cluster: under which id, which version of the job, and from where it goes
// on. An operator who submits it anew gets a job of its own, as with Flink's `run -s`.

import type { SnapshotClients } from '../../../engine/checkpoint/restore-place.ts';
import { type JobId, jobId } from '../../../engine/core/ids.ts';

export interface Submission {
  readonly job: JobId;
  /** Counted from 1. */
  readonly version: number;
  /** A savepoint or retained checkpoint of an earlier job. */
  readonly pointer: string | undefined;
  /** Of the storage that it lies in, where that is another. */
  readonly clients: SnapshotClients;
}

const NAME = 'scenario';

export const FIRST_SUBMISSION: Submission = {
  job: jobId(NAME),
  version: 1,
  pointer: undefined,
  clients: {},
};

/** `count`: how many were submitted before it. */
export function submissionAfter(
  count: number,
  { version, pointer, clients }: Omit<Submission, 'job'>,
): Submission {
  return { job: jobId(`${NAME}-${count + 1}`), version, pointer, clients };
}
