// The keys of encryption at rest, as users give them: one key by a function, or several by id, so
// that a new one can take over while artefacts of the old one stay readable. What a provider gives
// is checked before it is used; keys are never written, logged or put into errors.

import { OnceproofError } from '../core/errors.ts';

export interface EncryptionKey {
  /** Stands in the clear in every artefact. 1 to 64 printable ASCII characters. */
  readonly id: string;
  /** 32 bytes of chance, not a password. */
  readonly bytes: Uint8Array;
}

/** Asked for each artefact: where a key comes from afar, the provider remembers it. */
export interface KeyProvider {
  /** Encrypts what is written from now on. */
  current(): EncryptionKey | Promise<EncryptionKey>;
  /** Undefined for an id it does not know. */
  byId(id: string): Uint8Array | undefined | Promise<Uint8Array | undefined>;
}

export interface Encryption {
  /** A function where there is one key only. */
  readonly key: KeyProvider | (() => EncryptionKey | Promise<EncryptionKey>);
  /**
   * Artefacts from before encryption was switched on are read too. Default false: whoever can
   * write to the storage could put one of his own there.
   */
  readonly acceptUnencrypted?: boolean;
}

export const KEY_BYTES = 32;
export const KEY_ID_LENGTH_MAX = 64;
const KEY_ID = /^[\x21-\x7e]{1,64}$/;
const PLACE = 'encryption.key';

export class EncryptionKeys {
  readonly #provider: KeyProvider;

  constructor({ key }: Encryption) {
    this.#provider = typeof key === 'function' ? providerOf(key) : key;
  }

  /** OP-E570 if the provider fails or what it gives is no key. */
  async current(): Promise<EncryptionKey> {
    const key = await asked(() => this.#provider.current());
    if (typeof key?.id !== 'string' || !KEY_ID.test(key.id)) {
      throw unusable('its id is not 1 to 64 printable ASCII characters');
    }
    checkBytes(key.bytes);
    return key;
  }

  /** Undefined if the provider does not know it; OP-E570 as current(). */
  async byId(id: string): Promise<Uint8Array | undefined> {
    const bytes = await asked(() => this.#provider.byId(id));
    if (bytes !== undefined) checkBytes(bytes);
    return bytes;
  }
}

function providerOf(current: () => EncryptionKey | Promise<EncryptionKey>): KeyProvider {
  return {
    current,
    byId: async (id) => {
      const key = await current();
      return key.id === id ? key.bytes : undefined;
    },
  };
}

async function asked<T>(ask: () => T | Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw new OnceproofError('OP-E570', 'Cannot get an encryption key: the provider failed', {
      place: PLACE,
      remedy: 'See the cause, and let the provider give a key again',
      cause: error,
    });
  }
}

function checkBytes(bytes: unknown): void {
  if (!(bytes instanceof Uint8Array)) throw unusable('it is not a Uint8Array');
  if (bytes.length !== KEY_BYTES) throw unusable(`it has ${bytes.length} bytes, not ${KEY_BYTES}`);
}

function unusable(problem: string): OnceproofError {
  return new OnceproofError('OP-E570', `Cannot use an encryption key: ${problem}`, {
    place: PLACE,
    remedy: 'Give an id and 32 random bytes, as from crypto.randomBytes(32)',
  });
}
