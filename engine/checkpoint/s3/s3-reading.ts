// Reads an object, or a range of it, in pieces that a request's time is enough for. What is read is
// one object's: objects are never replaced here.

import type { S3Objects } from './s3-objects.ts';

const PIECE_BYTES = 16 * 1024 * 1024;

/** Undefined if there is no such object; fewer bytes where it ends. */
export async function readObject(
  objects: S3Objects,
  key: string,
  range: { readonly from: number; readonly length: number | undefined },
): Promise<Uint8Array | undefined> {
  const { from, length = Number.MAX_SAFE_INTEGER } = range;
  if (length === 0) return (await objects.head(key)) === undefined ? undefined : new Uint8Array(0);
  const first = await objects.get(key, from, Math.min(length, PIECE_BYTES));
  if (first === undefined) return undefined;
  const end = Math.min(first.totalBytes, from + length);
  if (from + first.bytes.length >= end) return first.bytes;

  const whole = new Uint8Array(end - from);
  whole.set(first.bytes);
  for (let at = first.bytes.length; at < whole.length; ) {
    const piece = await objects.get(key, from + at, Math.min(whole.length - at, PIECE_BYTES));
    if (piece === undefined) return undefined;
    // It has become shorter: the reader's checksum will say so.
    if (piece.bytes.length === 0) return whole.subarray(0, at);
    whole.set(piece.bytes, at);
    at += piece.bytes.length;
  }
  return whole;
}
