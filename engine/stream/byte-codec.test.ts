// Laws of ByteWriter and ByteReader: what is written is read back, and nothing else is ever read.

import test from 'ava';
import fc from 'fast-check';

import { OnceproofError } from '../core/errors.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

const safeInteger = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer(),
  fc.constantFrom(0, -1, 63, 64, -64, -65, 127, 128, 2 ** 30, 2 ** 31, 2 ** 32, 2 ** 49, 2 ** 52),
  fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, -(2 ** 30), -(2 ** 31)),
);
/** Any UTF-16 code units, lone surrogates included. */
const anyString = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd7f0, max: 0xe010 })), {
    maxLength: 80,
  })
  .map((units) => String.fromCharCode(...units));

function bytesOf(write: (output: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter(1);
  write(writer);
  return writer.take();
}

test('every safe integer is read back from both kinds of varint', (t) => {
  fc.assert(
    fc.property(safeInteger, (value) => {
      const magnitude = Math.abs(value);
      const reader = new ByteReader(
        bytesOf((output) => {
          output.writeSignedVarint(value);
          output.writeVarint(magnitude);
        }),
      );
      return (
        reader.readSignedVarint() === value &&
        reader.readVarint() === magnitude &&
        reader.remaining === 0
      );
    }),
  );
  t.pass();
});

test('every string is read back exactly, lone surrogates included', (t) => {
  fc.assert(
    fc.property(anyString, (text) => {
      return new ByteReader(bytesOf((output) => output.writeString(text))).readString() === text;
    }),
  );
  const long = '\u{1f600}é日a'.repeat(5000);
  t.is(new ByteReader(bytesOf((output) => output.writeString(long))).readString(), long);
});

test('names are read as strings are, whatever was read before', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(anyString, fc.constantFrom('ab', 'cb', 'é', '')), {
        size: 'max',
        maxLength: 60,
      }),
      (names) => {
        const bytes = bytesOf((output) => {
          for (const name of names) output.writeString(name);
        });
        const reader = new ByteReader(bytes);
        return names.every((name) => reader.readName() === name) && reader.remaining === 0;
      },
    ),
  );
  t.throws(() => new ByteReader(Uint8Array.from([3, 65])).readName(), { code: 'OP-E402' });
  t.throws(() => new ByteReader(new Uint8Array()).readName(), { code: 'OP-E402' });
});

test('well-formed text has the bytes of UTF-8', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const size = new TextEncoder().encode(text);
      const written = bytesOf((output) => output.writeString(text));
      return Buffer.from(size).equals(Buffer.from(written.subarray(written.length - size.length)));
    }),
  );
  t.pass();
});

test('a string has one encoding: whatever is read is written back as the same bytes', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
      const input = bytesOf((output) => output.writeBytes(bytes));
      try {
        const text = new ByteReader(input).readString();
        return Buffer.from(bytesOf((output) => output.writeString(text))).equals(
          Buffer.from(input),
        );
      } catch (error) {
        return error instanceof OnceproofError && error.code === 'OP-E402';
      }
    }),
    { numRuns: 2000 },
  );
  t.pass();
});

test('fixed-width numbers are big-endian and doubles keep every bit that matters', (t) => {
  const bytes = bytesOf((output) => {
    output.writeU32(0x01020304);
    output.writeI32(-2);
    output.writeF64(-0);
    output.writeF64(Number.NaN);
    output.writeU8(255);
  });
  t.deepEqual([...bytes.subarray(0, 8)], [1, 2, 3, 4, 255, 255, 255, 254]);
  const reader = new ByteReader(bytes);
  t.is(reader.readU32(), 0x01020304);
  t.is(reader.readI32(), -2);
  t.is(reader.readF64(), -0);
  t.is(reader.readF64(), Number.NaN);
  t.is(reader.readU8(), 255);
});

test('a reserved u32 is filled in later, and take() starts the writer anew', (t) => {
  const writer = new ByteWriter();
  const hole = writer.reserveU32();
  writer.writeString('after');
  writer.patchU32(hole, writer.length);
  const first = writer.take();
  t.is(new ByteReader(first).readU32(), first.length);
  t.is(writer.length, 0);
  writer.writeU8(7);
  t.deepEqual([...writer.take()], [7]);
  t.is(new ByteReader(first).readU32(), 10);
});

test('cut bytes end in OP-E402 with the offset', (t) => {
  const whole = bytesOf((output) => {
    output.writeVarint(5);
    output.writeString('a longer text than one would think');
    output.writeF64(1.5);
  });
  for (let size = 0; size < whole.length; size++) {
    const reader = new ByteReader(whole.subarray(0, size), 'part of a state');
    const error = t.throws(
      () => {
        reader.readVarint();
        reader.readString();
        reader.readF64();
      },
      { instanceOf: OnceproofError },
    );
    t.is(error?.code, 'OP-E402');
    t.regex(error?.message ?? '', /Cannot read part of a state at offset \d+/);
  }
});

test('integers in a longer form than needed, or beyond 2^53-1, are refused', (t) => {
  const refused = [
    [0x80, 0x00],
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x10],
    [0x80, 0x80, 0x00],
  ];
  for (const bytes of refused) {
    t.throws(() => new ByteReader(Uint8Array.from(bytes)).readVarint(), { message: /integer/ });
  }
  t.throws(() => new ByteReader(Uint8Array.from([0x80, 0])).readSignedVarint(), {
    message: /longer/,
  });
  const smallest = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f];
  t.throws(() => new ByteReader(Uint8Array.from(smallest)).readSignedVarint(), {
    message: /2\^53-1/,
  });
});
