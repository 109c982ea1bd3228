// What memtables and tables hold. Keys are texts of one code unit a byte, which compare, hash and
// search as the bytes do.

/** Undefined as a value: deleted here, whatever older tables say. */
export interface Entry {
  readonly key: string;
  readonly value: Uint8Array | undefined;
}

export function keyText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

export function keyBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}

/** The index of the first of `items` that does not come before `key`. */
export function lowerBound<T>(
  items: readonly T[],
  key: string,
  keyOf: (item: T) => string,
): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle];
    if (item !== undefined && keyOf(item) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
