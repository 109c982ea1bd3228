// Stable hashes. Key groups are assigned by them and checkpoints laid out by those, so they give
// the same answer everywhere and forever. Java's hashCode and Flink's murmur are kept bit for bit:
// keys land in the groups Flink puts them in. Not for secrets.

const bits = new DataView(new ArrayBuffer(8));
const CANONICAL_NAN_HIGH = 0x7ff80000;
const WORD = 0xffff_ffffn;

/** Java's String.hashCode, over UTF-16 code units. */
export function stringHashCode(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) {
    hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  }
  return hash;
}

/**
 * Integer.hashCode where the number fits 32 bits, Long.hashCode for other safe integers,
 * Double.hashCode for the rest. -0 counts as 0, because a Map takes them for one key.
 */
export function numberHashCode(value: number): number {
  if ((value | 0) === value) return value | 0;
  if (Number.isSafeInteger(value)) return bigintHashCode(BigInt(value));
  if (Number.isNaN(value)) return CANONICAL_NAN_HIGH;
  bits.setFloat64(0, value);
  return bits.getInt32(0) ^ bits.getInt32(4);
}

/** Long.hashCode where the value fits 64 bits, BigInteger.hashCode beyond. */
export function bigintHashCode(value: bigint): number {
  if (BigInt.asIntN(64, value) === value) {
    const unsigned = BigInt.asUintN(64, value);
    return Number(BigInt.asIntN(32, unsigned ^ (unsigned >> 32n)));
  }
  const magnitude = value < 0n ? -value : value;
  let words = 0n;
  while (magnitude >> (words * 32n) > 0n) words++;
  let hash = 0;
  for (let word = words - 1n; word >= 0n; word--) {
    hash = (Math.imul(hash, 31) + Number((magnitude >> (word * 32n)) & WORD)) | 0;
  }
  return value < 0n ? -hash | 0 : hash;
}

/** Flink's MathUtils.murmurHash: never negative. */
export function murmurHash(code: number): number {
  let hash = Math.imul(code, 0xcc9e2d51);
  hash = (hash << 15) | (hash >>> 17);
  hash = Math.imul(hash, 0x1b873593);
  hash = (hash << 13) | (hash >>> 19);
  hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  hash = mix(hash ^ 4);
  if (hash >= 0) return hash;
  return hash === -0x8000_0000 ? 0 : -hash;
}

/** Sixteen hexadecimal digits for names and ids; equal texts, equal digits. */
export function hashHex(text: string): string {
  let left = 0x9e3779b9 ^ text.length;
  let right = 0x7f4a7c15 ^ text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    left = Math.imul(left ^ unit, 0x85ebca6b);
    left = (left << 13) | (left >>> 19);
    right = Math.imul(right ^ unit, 0xc2b2ae35);
    right = (right << 17) | (right >>> 15);
  }
  const high = mix(left ^ (right >>> 3));
  return hex(high) + hex(mix(right ^ high));
}

/** MurmurHash3's finalizer. */
function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
