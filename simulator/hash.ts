// Small non-cryptographic hashes, the same on every machine: they name streams and feed digests.
// Two 32-bit lanes stand for 64 bits, because bigint arithmetic is fifty times slower.

/** One round of mixing: every input bit reaches every output bit after two rounds. */
export function mixInt(state: number, value: number): number {
  const mixed = Math.imul(state ^ value, 0x9e37_79b1);
  return mixed ^ (mixed >>> 15);
}

/** A 32-bit hash of a text, by its UTF-16 code units. */
export function hashText(text: string, seed = 0x2545_f491): number {
  let state = seed ^ text.length;
  for (let index = 0; index < text.length; index += 1) {
    state = mixInt(state, text.charCodeAt(index));
  }
  return finishInt(state);
}

/** A 32-bit hash of bytes: four at a time, so a frame of 20 KB costs some microseconds. */
export function hashBytes(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wholeWordsEnd = bytes.byteLength & ~3;
  let state = 0x2545_f491 ^ bytes.byteLength;
  for (let offset = 0; offset < wholeWordsEnd; offset += 4) {
    state = mixInt(state, view.getInt32(offset, true));
  }
  for (let offset = wholeWordsEnd; offset < bytes.byteLength; offset += 1) {
    state = mixInt(state, view.getUint8(offset));
  }
  return finishInt(state);
}

/** Spreads what the last rounds left in the high bits; from MurmurHash3's finalizer. */
export function finishInt(state: number): number {
  let mixed = Math.imul(state ^ (state >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return mixed ^ (mixed >>> 16);
}

/** Two lanes as 16 hexadecimal digits. */
export function hexOf(high: number, low: number): string {
  return digits(high) + digits(low);
}

function digits(lane: number): string {
  return (lane >>> 0).toString(16).padStart(8, '0');
}
