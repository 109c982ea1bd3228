// The bytes of an encrypted artefact, version 1, as docs/checkpoint-format.md describes them: a
// header in the clear, then frames, each under AES-256-GCM with a key of this artefact alone. A
// frame's nonce says which one it is and whether it is the last, so cutting off, repeating and
// reordering are found; header and place are authenticated with each. Pure and synchronous.

import { areEqualBytes } from '../core/bytes.ts';
import { gcm } from '@noble/ciphers/aes.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';

import { assert } from '../core/assert.ts';
import { crc32c } from '../core/crc32c.ts';
import { ByteReader } from '../stream/byte-reader.ts';
import { ByteWriter } from '../stream/byte-writer.ts';
import { type EncryptionKey, KEY_BYTES, KEY_ID_LENGTH_MAX } from './encryption-keys.ts';
import { looksSealed, SEALED_MAGIC } from './sealed-magic.ts';
import { SEALED } from './sealed-sizes.ts';

const VERSION = 1;
/** Ties the artefact to one key: GCM alone does not, and a wrong key is to be told from damage. */
const COMMITMENT_BYTES = 16;
const { HEADER_BYTES, SALT_BYTES, FRAME_BYTES, TAG_BYTES } = SEALED;
const CHECKSUM_OFFSET = HEADER_BYTES - 4;
const NONCE_BYTES = 12;
const INFO = textBytes('onceproof artefact 1');

export interface SealedHeader {
  readonly keyId: string;
  readonly salt: Uint8Array;
  readonly commitment: Uint8Array;
  /** All of it, as it stands. */
  readonly bytes: Uint8Array;
}

export type HeaderReading =
  | { readonly kind: 'header'; readonly header: SealedHeader }
  /** It begins like no encrypted artefact. */
  | { readonly kind: 'unencrypted' }
  | { readonly kind: 'truncated' }
  | { readonly kind: 'damaged' }
  | { readonly kind: 'other-version'; readonly version: number };

/** Seals and opens the frames of one artefact. */
export class FrameCipher {
  readonly header: SealedHeader;
  readonly #key: Uint8Array;
  readonly #authenticated: Uint8Array;

  private constructor(header: SealedHeader, key: Uint8Array, binding: string) {
    this.header = header;
    this.#key = key;
    const writer = new ByteWriter(HEADER_BYTES + binding.length);
    writer.writeRaw(header.bytes);
    writer.writeString(binding);
    this.#authenticated = writer.take();
  }

  /** `salt`: never the same for two artefacts of one key that differ. */
  static forNew(key: EncryptionKey, salt: Uint8Array, binding: string): FrameCipher {
    assert(salt.length === SALT_BYTES, `Cannot use a salt of ${salt.length} bytes`);
    const derived = derive(key.bytes, salt);
    const header = writeHeader(key.id, salt, derived.commitment);
    return new FrameCipher(header, derived.key, binding);
  }

  /** Undefined if it is not the key that the artefact was encrypted with. */
  static forExisting(
    header: SealedHeader,
    keyBytes: Uint8Array,
    binding: string,
  ): FrameCipher | undefined {
    const { key, commitment } = derive(keyBytes, header.salt);
    if (!areEqualBytes(commitment, header.commitment)) return undefined;
    return new FrameCipher(header, key, binding);
  }

  seal(plain: Uint8Array, index: number, isLast: boolean): Uint8Array {
    assert(plain.length <= FRAME_BYTES, `Cannot seal ${plain.length} bytes in one frame`);
    assert(isLast || plain.length === FRAME_BYTES, 'Cannot seal a short frame before the last');
    return gcm(this.#key, nonceOf(index, isLast), this.#authenticated).encrypt(plain);
  }

  /** Undefined if these are not the bytes that were sealed as this frame. */
  open(sealed: Uint8Array, index: number, isLast: boolean): Uint8Array | undefined {
    if (sealed.length < TAG_BYTES) return undefined;
    try {
      return gcm(this.#key, nonceOf(index, isLast), this.#authenticated).decrypt(sealed);
    } catch {
      return undefined;
    }
  }
}

export function readSealedHeader(bytes: Uint8Array): HeaderReading {
  const isSealed = looksSealed(bytes);
  if (bytes.length < HEADER_BYTES) return { kind: isSealed ? 'truncated' : 'unencrypted' };
  const header = bytes.slice(0, HEADER_BYTES);
  // Also where the magic is what was damaged: the checksum still knows a header when it sees one.
  new DataView(header.buffer).setUint32(0, SEALED_MAGIC);
  const input = new ByteReader(header);
  input.seek(CHECKSUM_OFFSET);
  const isWhole = input.readU32() === crc32c(header.subarray(0, CHECKSUM_OFFSET));
  if (isWhole !== isSealed) return { kind: 'damaged' };
  if (!isSealed) return { kind: 'unencrypted' };
  input.seek(4);
  const version = input.readU8();
  if (version !== VERSION) return { kind: 'other-version', version };
  const idLength = input.readU8();
  input.seek(12);
  const id = input.readRaw(KEY_ID_LENGTH_MAX).subarray(0, idLength);
  const keyId = String.fromCharCode(...id);
  const salt = input.readRaw(SALT_BYTES);
  const commitment = input.readRaw(COMMITMENT_BYTES);
  return { kind: 'header', header: { keyId, salt, commitment, bytes: header } };
}

/** From the content alone: the same bytes at the same place are encrypted the same way again. */
export function saltFrom(key: Uint8Array, binding: string, plain: Uint8Array): Uint8Array {
  const writer = new ByteWriter(binding.length + 40);
  writer.writeString(binding);
  writer.writeRaw(sha256(plain));
  return hkdf(sha256, key, writer.take(), textBytes('onceproof salt 1'), SALT_BYTES);
}

function writeHeader(keyId: string, salt: Uint8Array, commitment: Uint8Array): SealedHeader {
  const writer = new ByteWriter(HEADER_BYTES);
  writer.writeU32(SEALED_MAGIC);
  writer.writeU8(VERSION);
  writer.writeU8(keyId.length);
  writer.writeRaw(new Uint8Array(6));
  const id = new Uint8Array(KEY_ID_LENGTH_MAX);
  id.set(textBytes(keyId));
  writer.writeRaw(id);
  writer.writeRaw(salt);
  writer.writeRaw(commitment);
  writer.writeU32(crc32c(writer.written()));
  const bytes = writer.take();
  assert(bytes.length === HEADER_BYTES, 'Cannot write an encrypted artefact: its header has moved');
  return { keyId, salt, commitment, bytes };
}

/** A key for each artefact: under one key alone, random nonces would run out after 2^32. */
function derive(
  key: Uint8Array,
  salt: Uint8Array,
): { readonly key: Uint8Array; readonly commitment: Uint8Array } {
  const derived = hkdf(sha256, key, salt, INFO, KEY_BYTES + COMMITMENT_BYTES);
  return { key: derived.slice(0, KEY_BYTES), commitment: derived.slice(KEY_BYTES) };
}

function nonceOf(index: number, isLast: boolean): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES);
  nonce[0] = isLast ? 1 : 0;
  new DataView(nonce.buffer).setUint32(NONCE_BYTES - 4, index);
  return nonce;
}

/** ASCII only. */
function textBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
