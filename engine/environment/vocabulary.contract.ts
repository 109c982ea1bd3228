// The words the contracts and tests of the seam share: text as bytes and back, one byte for each
// code unit, cut to eight bits; and calls that must fail.

import type { ExecutionContext } from 'ava';

import { FileSystemError, type FileSystemErrorCode } from './filesystem.ts';

export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);
}

export function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

export async function fails(
  t: ExecutionContext,
  code: FileSystemErrorCode,
  call: Promise<unknown>,
): Promise<FileSystemError | undefined> {
  const error = await t.throwsAsync(call, { instanceOf: FileSystemError });
  t.is(error?.code, code, error?.message);
  return error;
}
