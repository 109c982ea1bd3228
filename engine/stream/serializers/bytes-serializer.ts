// Byte arrays, copied on the way in and out: a value read back shares nothing with the snapshot.

import type { TypeSerializer } from '../type-serializer.ts';
import { leafSchema } from './schema.ts';
import { wrongType } from './serialization-error.ts';

export const bytesSerializer: TypeSerializer<Uint8Array> = {
  serialize(value, output) {
    if (!(value instanceof Uint8Array)) throw wrongType('a Uint8Array', value);
    output.writeBytes(value);
  },
  deserialize: (input) => input.readBytes(),
  copy: (value) => new Uint8Array(value),
  ...leafSchema<Uint8Array>('bytes'),
};
