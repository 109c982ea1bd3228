// What can be wrong with the place that a user has a job start from, apart from the snapshot
// itself: nobody answers there, or the settings of its client are not right.

import { OnceproofError } from '../core/errors.ts';
import { FileSystemError } from '../environment/filesystem.ts';

/** OP-E580. Whether it is worth another attempt, the cause tells. */
export function unreachableSnapshot(pointer: string, cause: FileSystemError): OnceproofError {
  const isDenied = cause.code === 'EACCES';
  const why = isDenied ? 'access is denied there' : 'its storage cannot be reached';
  const message = `Cannot read the snapshot to start from: ${why}. ${reasonOf(cause)}`;
  return new OnceproofError('OP-E580', message, {
    place: pointer,
    remedy:
      'Check the URL, that the service is up, and what restoreFrom tells its client: ' +
      '{ place, s3 }, { place, webHdfs } or { place, druid }',
    cause,
  });
}

/** The file system that failed to read the snapshot, if that was all. */
export function failureBehind(error: unknown): FileSystemError | undefined {
  const isOurs = error instanceof OnceproofError && error.code === 'OP-E580';
  return isOurs && error.cause instanceof FileSystemError ? error.cause : undefined;
}

/** No damage, so neither a copy nor an older snapshot would help. */
export function isPlaceProblem(error: unknown): error is OnceproofError {
  return error instanceof OnceproofError && PLACE_PROBLEM.test(error.code);
}

/** The engine has no such scheme or service, or those of HDFS, S3 and Druid have an objection. */
const PLACE_PROBLEM = /^OP-E(?:302|331|509|5[456][0-9]|58[0-9])$/;

function reasonOf({ message, cause }: FileSystemError): string {
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
