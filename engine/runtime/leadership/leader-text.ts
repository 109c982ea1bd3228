// The content of the small files that leaders leave for each other: text, as it can be lost.

import { OnceproofError } from '../../core/errors.ts';
import { decodeWtf8, encodeWtf8, wtf8Length } from '../../stream/wtf8.ts';

export function encodeText(text: string): Uint8Array {
  const bytes = new Uint8Array(wtf8Length(text));
  encodeWtf8(text, bytes, 0);
  return bytes;
}

/** OP-E530 where it is no text. */
export function decodeText(bytes: Uint8Array, place: string): string {
  const text = decodeWtf8(bytes, 0, bytes.length);
  if (text === undefined) throw damagedFile(place);
  return text;
}

/** OP-E530 where it is none. */
export function countIn(text: string, place: string): number {
  const count = Number(text);
  if (text === '' || !Number.isSafeInteger(count) || count < 0) throw damagedFile(place);
  return count;
}

export function damagedFile(place: string): OnceproofError {
  const name = place.slice(place.lastIndexOf('/') + 1);
  return new OnceproofError('OP-E530', `Cannot read "${name}" of the job: it is damaged`, {
    place,
    remedy: 'Put the file back from a copy; without it earlier leaders cannot be told apart',
  });
}
