// Text as S3 wants it: UTF-8, percent-encoding as AWS defines it, base64. Pure and synchronous, the
// same on every machine. Requires well-formed Unicode, which paths of a store are.

import { decodeWtf8, encodeWtf8, wtf8Length } from '../../stream/wtf8.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function utf8Of(text: string): Uint8Array {
  const bytes = new Uint8Array(wtf8Length(text));
  encodeWtf8(text, bytes, 0);
  return bytes;
}

/** Undefined where the bytes are no UTF-8. */
export function textOfUtf8(bytes: Uint8Array): string | undefined {
  return decodeWtf8(bytes, 0, bytes.length);
}

/** Everything but the unreserved characters A-Z a-z 0-9 - . _ ~ is encoded. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Undoes what a listing with `encoding-type=url` did, where a plus is a space. */
export function percentDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

export function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [first = 0, second = 0, third = 0] = bytes.subarray(at, at + 3);
    const group = (first << 16) | (second << 8) | third;
    const left = bytes.length - at;
    text += digit(group >> 18) + digit(group >> 12);
    text += (left > 1 ? digit(group >> 6) : '=') + (left > 2 ? digit(group) : '=');
  }
  return text;
}

function digit(bits: number): string {
  return ALPHABET.charAt(bits & 63);
}
