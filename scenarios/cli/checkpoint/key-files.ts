// The keys of encrypted checkpoints, from files that the command line names: `--key-file id=path`.
// A file holds 32 bytes, or 64 hexadecimal digits. Keys are never printed.

import { readFileSync } from 'node:fs';
import { OnceproofError } from '../../../engine/core/errors.ts';
import type { Encryption, EncryptionKey } from '../../../engine/checkpoint/encryption-keys.ts';

const HEX = /^[0-9a-fA-F]{64}\s*$/;

/** Undefined if none was named: then what is encrypted is refused. */
export function encryptionFrom(words: readonly string[] | undefined): Encryption | undefined {
  const keys = (words ?? []).map(readKey);
  const [first] = keys;
  if (first === undefined) return undefined;
  return {
    key: {
      current: () => first,
      byId: (id) => keys.find((key) => key.id === id)?.bytes,
    },
    acceptUnencrypted: true,
  };
}

function readKey(word: string): EncryptionKey {
  const [, id = '', path = ''] = /^([^=]+)=(.+)$/.exec(word) ?? [];
  if (id === '') throw unusable(word, 'it is not of the form id=path');
  const bytes = contentOf(path);
  if (bytes.length === 32) return { id, bytes };
  const text = new TextDecoder().decode(bytes);
  if (!HEX.test(text)) throw unusable(path, 'it holds neither 32 bytes nor 64 hexadecimal digits');
  return { id, bytes: new Uint8Array(Buffer.from(text.trim(), 'hex')) };
}

function contentOf(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    throw unusable(path, 'it cannot be read', error);
  }
}

function unusable(place: string, problem: string, cause?: unknown): OnceproofError {
  return new OnceproofError('OP-E579', `Cannot use a key file: ${problem}`, {
    place,
    remedy: 'Use --key-file <id>=<path>, with the id that the job gave to the key',
    ...(cause === undefined ? {} : { cause }),
  });
}
