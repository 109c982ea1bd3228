// Encrypts and decrypts artefacts with the keys of a job. An artefact is bound to its name within
// a checkpoint, and to nothing above: checkpoints and savepoints may be moved whole. What was
// altered, cut, swapped or sealed with another key ends in an error that names it, never in bytes.

import { joinBytes } from '../core/bytes.ts';
import { assert } from '../core/assert.ts';
import { type Encryption, EncryptionKeys } from './encryption-keys.ts';
import { refusalOf, undecipherable, unknownKey, wrongKey } from './encryption-errors.ts';
import { FrameCipher, readSealedHeader, saltFrom } from './sealed-format.ts';
import { framesIn, SEALED } from './sealed-sizes.ts';

const SEALED_FRAME_BYTES = SEALED.FRAME_BYTES + SEALED.TAG_BYTES;
const NUMBERED_PARENT = /^(?:chk-[1-9][0-9]*|shared|taskowned)$/;

/** One artefact, or a part of it. */
export interface SealedPart {
  readonly path: string;
  /** Names it in errors. */
  readonly place: string;
}

export interface ArtefactCipherOptions {
  readonly encryption: Encryption;
  /** Fit for cryptography, and never the same twice. */
  readonly randomBytes: (length: number) => Uint8Array;
}

export class ArtefactCipher {
  readonly acceptUnencrypted: boolean;
  readonly #keys: EncryptionKeys;
  readonly #randomBytes: (length: number) => Uint8Array;

  constructor({ encryption, randomBytes }: ArtefactCipherOptions) {
    this.acceptUnencrypted = encryption.acceptUnencrypted ?? false;
    this.#keys = new EncryptionKeys(encryption);
    this.#randomBytes = randomBytes;
  }

  /** For an artefact that comes in pieces. */
  async begin(path: string): Promise<ArtefactSealer> {
    const key = await this.#keys.current();
    const salt = this.#randomBytes(SEALED.SALT_BYTES);
    return new ArtefactSealer(FrameCipher.forNew(key, salt, bindingOf(path)));
  }

  /** As long as the current key stays, the same bytes for the same bytes at the same path. */
  async sealWhole(path: string, plain: Uint8Array): Promise<Uint8Array> {
    const key = await this.#keys.current();
    const binding = bindingOf(path);
    const salt = saltFrom(key.bytes, binding, plain);
    const sealer = new ArtefactSealer(FrameCipher.forNew(key, salt, binding));
    return joinBytes([sealer.push(plain), sealer.finish()]);
  }

  /** OP-E502, OP-E503 damage, OP-E504 version, OP-E571..573 key or none. */
  async open({ path, place }: SealedPart, sealed: Uint8Array): Promise<Uint8Array> {
    const cipher = await this.cipherOf({ path, place }, sealed);
    if (cipher === undefined) return sealed;
    return this.openFrames(
      { cipher, place, frames: sealed.subarray(SEALED.HEADER_BYTES) },
      {
        first: 0,
        count: framesIn(sealed.length),
        of: framesIn(sealed.length),
      },
    );
  }

  /** Undefined for an artefact that is not encrypted, where that is accepted. */
  async cipherOf(
    { path, place }: SealedPart,
    beginning: Uint8Array,
  ): Promise<FrameCipher | undefined> {
    const reading = readSealedHeader(beginning);
    if (reading.kind === 'unencrypted' && this.acceptUnencrypted) return undefined;
    if (reading.kind !== 'header') throw refusalOf(reading, place);
    const { header } = reading;
    const key = await this.#keys.byId(header.keyId);
    if (key === undefined) throw unknownKey(header.keyId, place);
    const cipher = FrameCipher.forExisting(header, key, bindingOf(path));
    if (cipher === undefined) throw wrongKey(header.keyId, place);
    return cipher;
  }

  openFrames(
    sealed: {
      readonly cipher: FrameCipher;
      readonly place: string;
      readonly frames: Uint8Array;
    },
    which: { readonly first: number; readonly count: number; readonly of: number },
  ): Uint8Array {
    const { cipher, place, frames } = sealed;
    const opened: Uint8Array[] = [];
    for (let at = 0; at < which.count; at++) {
      const index = which.first + at;
      const isLast = index === which.of - 1;
      const start = at * SEALED_FRAME_BYTES;
      const frame = frames.subarray(start, start + SEALED_FRAME_BYTES);
      const plain = cipher.open(frame, index, isLast);
      // A frame that is whole, but was not the last one: what stood behind it is gone.
      const isCut = plain === undefined && isLast && cipher.open(frame, index, false) !== undefined;
      if (plain === undefined) throw undecipherable(isCut ? 'cut' : 'altered', place);
      opened.push(plain);
    }
    return joinBytes(opened);
  }
}

/** Gives out what is to be written, in order: push() any number of times, then finish(). */
export class ArtefactSealer {
  readonly #cipher: FrameCipher;
  readonly #frame = new Uint8Array(SEALED.FRAME_BYTES);
  #filled = 0;
  #index = 0;
  #isBegun = false;
  #isOver = false;

  constructor(cipher: FrameCipher) {
    this.#cipher = cipher;
  }

  push(plain: Uint8Array): Uint8Array {
    assert(!this.#isOver, 'Cannot encrypt more of an artefact: it is finished');
    const sealed = this.#begin();
    for (let at = 0; at < plain.length; ) {
      // Only with more to come is it known that a full frame is not the last one.
      if (this.#filled === SEALED.FRAME_BYTES) sealed.push(this.#seal(false));
      const piece = plain.subarray(at, at + SEALED.FRAME_BYTES - this.#filled);
      this.#frame.set(piece, this.#filled);
      this.#filled += piece.length;
      at += piece.length;
    }
    return joinBytes(sealed);
  }

  finish(): Uint8Array {
    const sealed = this.#begin();
    sealed.push(this.#seal(true));
    this.#isOver = true;
    return joinBytes(sealed);
  }

  #begin(): Uint8Array[] {
    if (this.#isBegun) return [];
    this.#isBegun = true;
    return [this.#cipher.header.bytes];
  }

  #seal(isLast: boolean): Uint8Array {
    const plain = this.#frame.subarray(0, this.#filled);
    const sealed = this.#cipher.seal(plain, this.#index, isLast);
    this.#index += 1;
    this.#filled = 0;
    return sealed;
  }
}

/**
 * What an artefact is bound to: its name, and the checkpoint's where the directory has its number.
 * A savepoint's directory may be renamed, so only the name counts there.
 */
function bindingOf(path: string): string {
  const [name = '', parent = ''] = path.split('/').toReversed();
  return NUMBERED_PARENT.test(parent) ? `${parent}/${name}` : name;
}
