// What a NameNode or DataNode says when it refuses: the Java exception in the body of its answer,
// and what that means to a caller who thinks in files.

import type { FileSystemErrorCode } from '../../environment/filesystem.ts';
import type { HttpResponse } from '../../environment/http-client.ts';
import { decodeWtf8 } from '../../stream/wtf8.ts';

export class RemoteException extends Error {
  override readonly name = 'RemoteException';
  /** The simple name of the Java class: `FileNotFoundException`. */
  readonly exception: string;
  readonly status: number;

  constructor(exception: string, message: string, status: number) {
    super(`${exception}: ${message}`);
    this.exception = exception;
    this.status = status;
  }
}

const CODES: ReadonlyMap<string, FileSystemErrorCode> = new Map([
  ['FileNotFoundException', 'ENOENT'],
  ['FileAlreadyExistsException', 'EEXIST'],
  ['ParentNotDirectoryException', 'ENOTDIR'],
  ['PathIsNotDirectoryException', 'ENOTDIR'],
  ['PathIsNotEmptyDirectoryException', 'ENOTEMPTY'],
  ['AccessControlException', 'EACCES'],
  ['AuthorizationException', 'EACCES'],
  ['SecurityException', 'EACCES'],
  ['InvalidToken', 'EACCES'],
  ['NSQuotaExceededException', 'ENOSPC'],
  ['DSQuotaExceededException', 'ENOSPC'],
  ['QuotaByStorageTypeExceededException', 'ENOSPC'],
  ['SafeModeException', 'EROFS'],
  ['InvalidPathException', 'EINVAL'],
  ['IllegalArgumentException', 'EINVAL'],
  ['HadoopIllegalArgumentException', 'EINVAL'],
]);

export function codeOf(exception: RemoteException): FileSystemErrorCode {
  return CODES.get(exception.exception) ?? 'EIO';
}

/** Undefined where the answer is not one of HDFS itself: a proxy's, or a servlet container's. */
export function remoteExceptionOf(response: HttpResponse): RemoteException | undefined {
  const fields = fieldOf(jsonOf(response), 'RemoteException');
  const exception = fieldOf(fields, 'exception');
  if (typeof exception !== 'string') return undefined;
  const message = fieldOf(fields, 'message');
  // Only the first line: behind it is a Java stack trace.
  const [line = ''] = (typeof message === 'string' ? message : '').split('\n');
  return new RemoteException(exception, line, response.status);
}

/** Undefined where the body is no JSON. */
export function jsonOf(response: HttpResponse): unknown {
  const text = decodeWtf8(response.body, 0, response.body.length);
  if (text === undefined || !text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
