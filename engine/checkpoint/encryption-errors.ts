// What can be wrong with an encrypted artefact, as errors. Damage has the codes that it has
// everywhere; what only the keys or the settings can mend has codes of its own.

import { unreachable } from '../core/assert.ts';
import { OnceproofError } from '../core/errors.ts';
import type { HeaderReading } from './sealed-format.ts';

const RESTORE_OTHER =
  'Put the file back from a copy, or restore from another checkpoint or savepoint';

export function unknownKey(keyId: string, place: string): OnceproofError {
  const message = `Cannot decrypt an artefact: its key "${keyId}" is not among those provided`;
  return new OnceproofError('OP-E571', message, {
    place,
    remedy: 'Let the key provider know every key that retained checkpoints were written with',
  });
}

export function wrongKey(keyId: string, place: string): OnceproofError {
  const message = `Cannot decrypt an artefact: the key provided as "${keyId}" is another one`;
  return new OnceproofError('OP-E572', message, {
    place,
    remedy: 'Provide the key it was encrypted with, and give every new key a new id',
  });
}

/** What a storage without encryption finds. */
export function isEncrypted(place: string): OnceproofError {
  return new OnceproofError('OP-E574', 'Cannot read an artefact: it is encrypted', {
    place,
    remedy: 'Give the checkpoint storage, or the place to start from, its encryption: { key }',
  });
}

export function undecipherable(how: 'cut' | 'altered', place: string): OnceproofError {
  if (how === 'cut') return truncated(place);
  const message = 'Cannot decrypt an artefact: its bytes were altered, or belong elsewhere';
  return new OnceproofError('OP-E503', message, { place, remedy: RESTORE_OTHER });
}

export function refusalOf(
  reading: Exclude<HeaderReading, { kind: 'header' }>,
  place: string,
): OnceproofError {
  switch (reading.kind) {
    case 'unencrypted':
      return new OnceproofError('OP-E573', 'Cannot accept an artefact: it is not encrypted', {
        place,
        remedy: 'Set acceptUnencrypted, if it is from before encryption was switched on',
      });
    case 'truncated':
      return truncated(place);
    case 'damaged':
      return new OnceproofError('OP-E503', 'Cannot decrypt an artefact: its header is damaged', {
        place,
        remedy: RESTORE_OTHER,
      });
    case 'other-version':
      return new OnceproofError(
        'OP-E504',
        `Cannot read an artefact of encryption format version ${reading.version}`,
        { place, remedy: 'Use the version of onceproof that wrote it' },
      );
    default:
      return unreachable(reading);
  }
}

function truncated(place: string): OnceproofError {
  const message = 'Cannot decrypt an artefact: a part of it is missing';
  return new OnceproofError('OP-E502', message, { place, remedy: RESTORE_OTHER });
}
