// Strings as bytes: UTF-8, except that a lone surrogate is written as its own three bytes (WTF-8),
// so that every JavaScript string comes back exactly. There is one encoding per string and
// decoding refuses all others. Nothing here checks bounds: the caller has made sure of the room.

/** The most bytes one UTF-16 code unit can need: a surrogate pair takes four for its two. */
export const MAX_BYTES_PER_UNIT = 3;

/** Below this length a string is built faster by concatenation than through an array of units. */
const SHORT_STRING_UNITS = 24;
/** Arguments per call: far below the stack limit of every host. */
const UNITS_PER_CALL = 4096;

export function wtf8Length(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    if (isPairAt(text, index, unit)) index++;
  }
  return bytes;
}

/** Returns the offset behind the last byte written. */
export function encodeWtf8(text: string, bytes: Uint8Array, offset: number): number {
  let at = offset;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) bytes[at++] = unit;
    else if (isPairAt(text, index, unit)) {
      at = encodeWide(
        0x10000 + ((unit - 0xd800) << 10) + text.charCodeAt(++index) - 0xdc00,
        bytes,
        at,
      );
    } else at = encodeNarrow(unit, bytes, at);
  }
  return at;
}

/** Undefined where the bytes are not what encodeWtf8() gives for any string. */
export function decodeWtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  return end - start <= SHORT_STRING_UNITS
    ? decodeShort(bytes, start, end)
    : decodeLong(bytes, start, end);
}

function isPairAt(text: string, index: number, unit: number): boolean {
  if (unit < 0xd800 || unit > 0xdbff || index + 1 >= text.length) return false;
  const next = text.charCodeAt(index + 1);
  return next >= 0xdc00 && next <= 0xdfff;
}

function encodeNarrow(unit: number, bytes: Uint8Array, offset: number): number {
  if (unit < 0x800) {
    bytes[offset] = 0xc0 | (unit >> 6);
    bytes[offset + 1] = 0x80 | (unit & 0x3f);
    return offset + 2;
  }
  bytes[offset] = 0xe0 | (unit >> 12);
  bytes[offset + 1] = 0x80 | ((unit >> 6) & 0x3f);
  bytes[offset + 2] = 0x80 | (unit & 0x3f);
  return offset + 3;
}

function encodeWide(point: number, bytes: Uint8Array, offset: number): number {
  bytes[offset] = 0xf0 | (point >> 18);
  bytes[offset + 1] = 0x80 | ((point >> 12) & 0x3f);
  bytes[offset + 2] = 0x80 | ((point >> 6) & 0x3f);
  bytes[offset + 3] = 0x80 | (point & 0x3f);
  return offset + 4;
}

function decodeShort(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = '';
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte >= 0x80) return decodeLong(bytes, start, end);
    text += String.fromCharCode(byte);
  }
  return text;
}

function decodeLong(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = '';
  let units: number[] = [];
  let at = start;
  let previous = 0;
  while (at < end) {
    const byte = bytes[at] ?? 0;
    const size = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    if (at + size > end) return undefined;
    const point = byte < 0x80 ? byte : decodePoint(bytes, at, size);
    if (point < 0 || isSplitPair(previous, point)) return undefined;
    if (point < 0x10000) units.push(point);
    else units.push(0xd800 + ((point - 0x10000) >> 10), 0xdc00 + ((point - 0x10000) & 0x3ff));
    previous = point;
    at += size;
    if (units.length < UNITS_PER_CALL) continue;
    text += String.fromCharCode.apply(undefined, units);
    units = [];
  }
  return text + String.fromCharCode.apply(undefined, units);
}

/** A high and a low surrogate in a row are a pair and would have been written as four bytes. */
function isSplitPair(previous: number, point: number): boolean {
  return previous >= 0xd800 && previous <= 0xdbff && point >= 0xdc00 && point <= 0xdfff;
}

/** -1 for a stray continuation byte, a longer form than needed, or a value beyond U+10FFFF. */
function decodePoint(bytes: Uint8Array, at: number, size: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0xc2 || lead > 0xf4) return -1;
  let point = lead & (0x7f >> size);
  for (let next = at + 1; next < at + size; next++) {
    const byte = bytes[next] ?? 0;
    if ((byte & 0xc0) !== 0x80) return -1;
    point = (point << 6) | (byte & 0x3f);
  }
  const smallest = size === 2 ? 0x80 : size === 3 ? 0x800 : 0x10000;
  return point < smallest || point > 0x10ffff ? -1 : point;
}
