// UTF-8 of files as text. Most records are short and ASCII, which is a single call per record; the
// rest goes the general way.

import { decodeWtf8 } from '../stream/wtf8.ts';

/** Arguments per call: far below the stack limit of every host. */
const ASCII_BYTES_MAX = 4096;

/** Undefined where the bytes are not UTF-8. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string | undefined {
  const size = end - start;
  if (size > ASCII_BYTES_MAX) return decodeWtf8(bytes, start, end);
  // Spreading a plain array of the right length is what engines are fastest at.
  const units: number[] = [];
  units.length = size;
  for (let index = 0; index < size; index++) {
    const byte = bytes[start + index] ?? 0;
    if (byte >= 0x80) return decodeWtf8(bytes, start, end);
    units[index] = byte;
  }
  return String.fromCharCode.apply(undefined, units);
}
