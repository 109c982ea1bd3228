// Bytes as JSON, XML and HTTP headers carry them: UTF-8 for text, base64 for what is none. Pure,
// the same on every machine. Decoding says undefined to what no encoder wrote.

import { decodeWtf8, encodeWtf8, wtf8Length } from './wtf8.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** Twelve bits to two digits: half the look-ups of one digit at a time. */
const PAIRS = Array.from(
  { length: 4096 },
  (_, bits) => ALPHABET.charAt(bits >> 6) + ALPHABET.charAt(bits & 63),
);
const VALUES = valuesOfDigits();
const NO_DIGIT = 255;

/** `text` must be well-formed Unicode. */
export function utf8Of(text: string): Uint8Array {
  const bytes = new Uint8Array(wtf8Length(text));
  encodeWtf8(text, bytes, 0);
  return bytes;
}

export function textOfUtf8(bytes: Uint8Array): string | undefined {
  return decodeWtf8(bytes, 0, bytes.length);
}

export function base64Of(bytes: Uint8Array): string {
  const whole = bytes.length - (bytes.length % 3);
  let text = '';
  for (let at = 0; at < whole; at += 3) {
    const group = (byteAt(bytes, at) << 16) | (byteAt(bytes, at + 1) << 8) | byteAt(bytes, at + 2);
    text += pair(group >> 12) + pair(group & 0xfff);
  }
  if (bytes.length === whole) return text;
  const group = (byteAt(bytes, whole) << 16) | (byteAt(bytes, whole + 1) << 8);
  const end = pair(group & 0xfff);
  return `${text}${pair(group >> 12)}${bytes.length - whole === 2 ? end.charAt(0) : '='}=`;
}

export function bytesOfBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let at = 0;
  for (let index = 0; index < text.length; index += 4) {
    const isLast = index + 4 === text.length;
    const group = groupAt(text, index, isLast ? padding : 0);
    if (group === undefined) return undefined;
    bytes[at++] = group >> 16;
    if (at < bytes.length) bytes[at++] = (group >> 8) & 0xff;
    if (at < bytes.length) bytes[at++] = group & 0xff;
  }
  // Digits that carry bits beyond the end are no encoder's.
  const tail = bytes.subarray(bytes.length - (padding === 0 ? 0 : 3 - padding));
  return padding === 0 || base64Of(tail) === text.slice(-4) ? bytes : undefined;
}

function groupAt(text: string, index: number, padding: number): number | undefined {
  let group = 0;
  for (let digit = 0; digit < 4; digit++) {
    const isPadding = digit >= 4 - padding;
    const value = isPadding ? 0 : (VALUES[text.charCodeAt(index + digit)] ?? NO_DIGIT);
    if (value === NO_DIGIT) return undefined;
    group = (group << 6) | value;
  }
  return group;
}

function valuesOfDigits(): Uint8Array {
  const values = new Uint8Array(128).fill(255);
  for (let value = 0; value < ALPHABET.length; value++) values[ALPHABET.charCodeAt(value)] = value;
  return values;
}

function pair(bits: number): string {
  return PAIRS[bits] ?? '';
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}
