// The order of S3's listings, that of the keys' UTF-8 bytes, as a text of its own that code units
// can be compared of. Also what a continuation token holds.

import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { decodeUtf8 } from './text.ts';

/** A text whose order by code units is the order of S3: that of the UTF-8 bytes. */
export function orderOf(key: string): string {
  return bytesToHex(utf8ToBytes(key));
}

/** Undoes orderOf(). Undefined for what it never gave. */
export function keyOfOrder(order: string): string | undefined {
  return /^([0-9a-f]{2})*$/.test(order) ? decodeUtf8(hexToBytes(order)) : undefined;
}
