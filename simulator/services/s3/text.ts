// Text as S3 has it on the wire, written for the server side alone: what the engine's client thinks
// of percent-encoding, base64 and order is checked against something that it does not share.

import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

const UNRESERVED = /^[A-Za-z0-9\-._~]$/;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Every byte of the UTF-8 that is not unreserved, and not in `kept`, becomes %XX. */
export function encodePercent(text: string, kept = ''): string {
  return Array.from(utf8ToBytes(text), (byte) => {
    const character = String.fromCharCode(byte);
    const isPlain = UNRESERVED.test(character) || (kept !== '' && kept.includes(character));
    return isPlain ? character : `%${bytesToHex(Uint8Array.of(byte)).toUpperCase()}`;
  }).join('');
}

/** Undefined for what is no percent-encoded UTF-8. */
export function decodePercent(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

export function decodeUtf8(bytes: Uint8Array): string | undefined {
  return decodePercent(bytesToHex(bytes).replace(/../g, '%$&'));
}

export function encodeBase64(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
  const digits = bits.match(/.{1,6}/g) ?? [];
  const text = digits.map((group) => ALPHABET.charAt(parseInt(group.padEnd(6, '0'), 2))).join('');
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}
