// What an answer of S3 means for its request: it counts, it is to be asked again, or nobody but the
// user can help. By status and by the code in the body, as AWS and its lookalikes use them.

import { OnceproofError } from '../../core/errors.ts';
import { FileSystemError, type FileSystemErrorCode } from '../../environment/filesystem.ts';
import type { HttpResponse } from '../../environment/http-client.ts';
import { parseXml } from './s3-xml.ts';

/** As S3 itself puts it: the cause of what the callers of a store get to see. */
export class S3Error extends Error {
  override readonly name = 'S3Error';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(`${status} ${code}: ${message}`);
    this.status = status;
    this.code = code;
  }
}

/**
 * 'again': a later attempt may fare better. 'skewed' and 'expired': once something is put right.
 */
export type S3Verdict = 'counts' | 'again' | 'skewed' | 'expired' | 'denied' | 'elsewhere' | 'lost';

/** A multipart upload may fail after its 200 was on the way: then the body says so. */
export function s3ErrorIn({ status, body }: HttpResponse): S3Error | undefined {
  const document = body.length === 0 ? undefined : parseXml(body, 'Error');
  if (document !== undefined) {
    return new S3Error(status, document.textOf('Code'), document.textOf('Message'));
  }
  return status < 300 ? undefined : new S3Error(status, '', 'the answer does not say why');
}

const AGAIN = new Set([
  'InternalError',
  'ServiceUnavailable',
  'SlowDown',
  'RequestTimeout',
  'OperationAborted',
  'ConditionalRequestConflict',
]);
const ELSEWHERE = new Set([
  'PermanentRedirect',
  'TemporaryRedirect',
  'AuthorizationHeaderMalformed',
]);

export function verdictOn(error: S3Error | undefined): S3Verdict {
  if (error === undefined) return 'counts';
  const { status, code } = error;
  if (code === 'RequestTimeTooSkewed') return 'skewed';
  if (code === 'ExpiredToken' || code === 'TokenRefreshRequired') return 'expired';
  if (code === 'NoSuchBucket') return 'lost';
  if (ELSEWHERE.has(code) || (status > 300 && status < 400 && status !== 304)) return 'elsewhere';
  if (AGAIN.has(code) || [408, 429, 500, 502, 503, 504].includes(status)) return 'again';
  return status === 401 || status === 403 ? 'denied' : 'counts';
}

/** For an answer that its request has no use for. */
export function unexpected(operation: string, place: string, error: S3Error): FileSystemError {
  return new FileSystemError(codeOf(error), operation, place, error);
}

function codeOf({ status, code }: S3Error): FileSystemErrorCode {
  // What is wrong is put right by then, so later requests may fare better.
  if (code === 'RequestTimeTooSkewed') return 'EIO';
  if (status === 401 || status === 403 || code.includes('Token')) return 'EACCES';
  if (status === 507 || /Full|Quota|StorageLimit/.test(code)) return 'ENOSPC';
  if (code === 'KeyTooLongError' || code === 'EntityTooLarge') return 'EINVAL';
  return 'EIO';
}

/** OP-E553 for a bucket that is not there, OP-E554 for one in another region. */
export function misplaced(verdict: 'lost' | 'elsewhere', place: string, error: S3Error): Error {
  if (verdict === 'lost') {
    return new OnceproofError('OP-E553', 'Cannot use S3 storage: there is no such bucket', {
      place,
      remedy: 'Create the bucket, or name the endpoint that has it',
      cause: error,
    });
  }
  return new OnceproofError('OP-E554', 'Cannot use S3 storage: the bucket lies elsewhere', {
    place,
    remedy: 'Set the region and the endpoint that S3 names in the cause',
    cause: error,
  });
}
