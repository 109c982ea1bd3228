// Serializers of values without parts. Each takes exactly the values of its type: others are
// OP-E401, so that a wrong value is found where it is written and not where it is read.

import type { TypeSerializer } from '../type-serializer.ts';
import { leafSchema } from './schema.ts';
import { wrongType } from './serialization-error.ts';

/** Any string, lone surrogates included. */
export const stringSerializer: TypeSerializer<string> = {
  serialize(value, output) {
    if (typeof value !== 'string') throw wrongType('a string', value);
    output.writeString(value);
  },
  deserialize: (input) => input.readString(),
  copy: (value) => value,
  ...leafSchema<string>('string'),
};

/** An integer in -2^31..2^31-1. */
export const intSerializer: TypeSerializer<number> = {
  serialize(value, output) {
    if ((value | 0) !== value) throw wrongType('a 32-bit integer', value);
    output.writeSignedVarint(value);
  },
  deserialize(input) {
    const value = input.readSignedVarint();
    return (value | 0) === value ? value : input.fail(`${value} is not a 32-bit integer`);
  },
  copy: (value) => value,
  ...leafSchema<number>('int'),
};

/** A safe integer: -(2^53-1)..2^53-1. */
export const longSerializer: TypeSerializer<number> = {
  serialize(value, output) {
    if (!Number.isSafeInteger(value)) throw wrongType('a safe integer', value);
    output.writeSignedVarint(value);
  },
  deserialize: (input) => input.readSignedVarint(),
  copy: (value) => value,
  ...leafSchema<number>('long'),
};

/** Any number; -0, infinities and NaN included. */
export const doubleSerializer: TypeSerializer<number> = {
  serialize(value, output) {
    if (typeof value !== 'number') throw wrongType('a number', value);
    output.writeF64(value);
  },
  deserialize: (input) => input.readF64(),
  copy: (value) => value,
  ...leafSchema<number>('double'),
};

export const booleanSerializer: TypeSerializer<boolean> = {
  serialize(value, output) {
    if (typeof value !== 'boolean') throw wrongType('a boolean', value);
    output.writeU8(value ? 1 : 0);
  },
  deserialize(input) {
    const byte = input.readU8();
    return byte <= 1 ? byte === 1 : input.fail(`${byte} is not a boolean`);
  },
  copy: (value) => value,
  ...leafSchema<boolean>('boolean'),
};
