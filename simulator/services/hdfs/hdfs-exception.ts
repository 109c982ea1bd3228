// The errors of HDFS by their Java names, and the answers that carry them, as its servers map one
// to the other: what is missing is 404, a bad argument 400, every other refusal 403.

import type { HttpResponse } from '../../../engine/environment/http-client.ts';

export type HdfsExceptionName =
  | 'AccessControlException'
  | 'AlreadyBeingCreatedException'
  | 'ConnectException'
  | 'FileAlreadyExistsException'
  | 'FileNotFoundException'
  | 'HadoopIllegalArgumentException'
  | 'IllegalArgumentException'
  | 'InvalidToken'
  | 'IOException'
  | 'LeaseExpiredException'
  | 'ParentNotDirectoryException'
  | 'PathIsNotEmptyDirectoryException'
  | 'RecoveryInProgressException'
  | 'RetriableException'
  | 'SafeModeException'
  | 'StandbyException'
  | 'UnsupportedOperationException';

const PACKAGES: Readonly<Record<HdfsExceptionName, string>> = {
  AccessControlException: 'org.apache.hadoop.security',
  AlreadyBeingCreatedException: 'org.apache.hadoop.hdfs.protocol',
  ConnectException: 'java.net',
  FileAlreadyExistsException: 'org.apache.hadoop.fs',
  FileNotFoundException: 'java.io',
  HadoopIllegalArgumentException: 'org.apache.hadoop',
  IllegalArgumentException: 'java.lang',
  InvalidToken: 'org.apache.hadoop.security.token.SecretManager',
  IOException: 'java.io',
  LeaseExpiredException: 'org.apache.hadoop.hdfs.server.namenode',
  ParentNotDirectoryException: 'org.apache.hadoop.fs',
  PathIsNotEmptyDirectoryException: 'org.apache.hadoop.fs',
  RecoveryInProgressException: 'org.apache.hadoop.hdfs.protocol',
  RetriableException: 'org.apache.hadoop.ipc',
  SafeModeException: 'org.apache.hadoop.hdfs.server.namenode',
  StandbyException: 'org.apache.hadoop.ipc',
  UnsupportedOperationException: 'java.lang',
};

export class HdfsException extends Error {
  override readonly name = 'HdfsException';
  readonly exception: HdfsExceptionName;

  constructor(exception: HdfsExceptionName, message: string) {
    super(message);
    this.exception = exception;
  }
}

export function exceptionAnswer({ exception, message }: HdfsException): HttpResponse {
  const separator = exception === 'InvalidToken' ? '$' : '.';
  const javaClassName = `${PACKAGES[exception]}${separator}${exception}`;
  const body = { RemoteException: { exception, javaClassName, message } };
  return jsonAnswer(body, statusOf(exception));
}

export function isExceptionName(name: unknown): name is HdfsExceptionName {
  return typeof name === 'string' && Object.hasOwn(PACKAGES, name);
}

export function jsonAnswer(body: unknown, status = 200): HttpResponse {
  const headers = new Map([['content-type', 'application/json;charset=utf-8']]);
  return { status, headers, body: asciiBytes(asciiJson(body)) };
}

function statusOf(exception: HdfsExceptionName): number {
  switch (exception) {
    case 'FileNotFoundException':
      return 404;
    case 'IllegalArgumentException':
    case 'HadoopIllegalArgumentException':
    case 'UnsupportedOperationException':
      return 400;
    default:
      return 403;
  }
}

/** JSON whose letters are all ASCII, so that bytes and letters are the same. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\0-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
