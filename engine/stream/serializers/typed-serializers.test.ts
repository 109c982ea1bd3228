// Laws of the typed serializers: values and schemas are read back, wrong values are named by their
// path, and schemas evolve as promised.

import test from 'ava';
import fc from 'fast-check';

import { OnceproofError } from '../../core/errors.ts';
import { ByteReader } from '../byte-reader.ts';
import { ByteWriter } from '../byte-writer.ts';
import type { TypeSerializer } from '../type-serializer.ts';
import { bytesSerializer } from './bytes-serializer.ts';
import { listOf, mapOf, optionalOf, tupleOf } from './container-serializers.ts';
import { genericSerializer } from './generic-serializer.ts';
import {
  booleanSerializer,
  doubleSerializer,
  intSerializer,
  longSerializer,
  stringSerializer,
} from './primitive-serializers.ts';
import { readerOf, readSerializerSnapshot, writeSerializerSnapshot } from './schema.ts';
import { structOf } from './struct-serializer.ts';

function bytesOf<T>(serializer: TypeSerializer<T>, value: T): Uint8Array {
  const writer = new ByteWriter();
  serializer.serialize(value, writer);
  return writer.take();
}

function read<T>(serializer: TypeSerializer<T>, bytes: Uint8Array): T {
  const reader = new ByteReader(bytes);
  const value = serializer.deserialize(reader);
  if (reader.remaining > 0) throw new Error(`${reader.remaining} bytes left`);
  return value;
}

interface Order {
  id: number;
  user: string;
  items: [string, number][];
  notes: Map<string, boolean>;
  raw?: Uint8Array | null | undefined;
  score: number;
}
const order = structOf<Order>({
  id: longSerializer,
  user: stringSerializer,
  items: listOf(tupleOf<[string, number]>(stringSerializer, intSerializer)),
  notes: mapOf(stringSerializer, booleanSerializer),
  raw: optionalOf(bytesSerializer),
  score: doubleSerializer,
});
const anyOrder: fc.Arbitrary<Order> = fc.record({
  id: fc.maxSafeInteger(),
  user: fc.string(),
  items: fc.array(fc.tuple(fc.string(), fc.integer())),
  notes: fc.array(fc.tuple(fc.string(), fc.boolean())).map((entries) => new Map(entries)),
  raw: fc.oneof(fc.uint8Array(), fc.constantFrom(undefined, null)),
  score: fc.double(),
});

test('declared types are read back equal, and copied deeply', (t) => {
  fc.assert(
    fc.property(anyOrder, (value) => {
      t.deepEqual(read(order, bytesOf(order, value)), value);
      const copy = order.copy(value);
      t.deepEqual(copy, value);
      t.not(copy.items, value.items);
      t.not(copy.notes, value.notes);
    }),
  );
});

test('the snapshot of a serializer is read back and found compatible', (t) => {
  const serializers = [order, genericSerializer, stringSerializer] as TypeSerializer<unknown>[];
  for (const serializer of serializers) {
    const writer = new ByteWriter();
    writeSerializerSnapshot(serializer.snapshot(), writer);
    const snapshot = readSerializerSnapshot(new ByteReader(writer.take()));
    t.deepEqual(snapshot, serializer.snapshot());
    t.is(serializer.compatibilityWith(snapshot), 'as-is');
  }
});

test('a value of the wrong type is OP-E401 with its path', (t) => {
  const good: Order = { id: 1, user: 'a', items: [['x', 1]], notes: new Map(), score: 1 };
  const cases: readonly (readonly [Partial<Record<keyof Order, unknown>>, string, RegExp])[] = [
    [{ id: 1.5 }, 'record.id', /the number 1.5 where the serializer takes a safe integer/],
    [{ user: undefined }, 'record.user', /undefined where the serializer takes a string/],
    [
      {
        items: [
          ['x', 1],
          ['y', 2 ** 40],
        ],
      },
      'record.items[1][1]',
      /a 32-bit integer/,
    ],
    [{ items: [['x']] }, 'record.items[0]', /a tuple of 2/],
    [{ notes: new Map([['a', 1]]) }, 'record.notes.entries()[0]', /a boolean/],
    [{ raw: 'text' }, 'record.raw', /a Uint8Array/],
    [{ score: '1' }, 'record.score', /a string where the serializer takes a number/],
  ];
  for (const [wrong, path, found] of cases) {
    const value = { ...good, ...wrong } as unknown as Order;
    const error = t.throws(() => bytesOf(order, value), { instanceOf: OnceproofError });
    t.is(error?.code, 'OP-E401');
    t.is(error?.place, path);
    t.regex(error?.message ?? '', found);
  }
});

test('fields may be added, removed and moved; what is read has the new shape', (t) => {
  const before = structOf<{ a: number; gone: string[]; b: string }>({
    a: intSerializer,
    gone: listOf(stringSerializer),
    b: stringSerializer,
  });
  const now = structOf<{
    b: string;
    fresh: string[];
    a: number;
    maybe?: string | null | undefined;
  }>(
    {
      b: stringSerializer,
      fresh: listOf(stringSerializer),
      a: intSerializer,
      maybe: optionalOf(stringSerializer),
    },
    { fresh: ['default'] },
  );
  const bytes = bytesOf(before, { a: 1, gone: ['x', 'y'], b: 'kept' });
  t.is(now.compatibilityWith(before.snapshot()), 'after-migration');
  const migrated = read(readerOf(now, before.snapshot()), bytes);
  t.deepEqual(migrated, { b: 'kept', fresh: ['default'], a: 1, maybe: undefined });
  t.deepEqual(Object.keys(migrated), ['b', 'fresh', 'a', 'maybe']);
  t.deepEqual(read(now, bytesOf(now, migrated)), migrated);
  migrated.fresh.push('own');
  const again = read(readerOf(now, before.snapshot()), bytes);
  t.deepEqual(again.fresh, ['default']);
});

test('schemas migrate inside containers', (t) => {
  const before = structOf<{ a: number }>({ a: intSerializer });
  const now = structOf<{ a: number; b: string }>(
    { a: intSerializer, b: stringSerializer },
    { b: '?' },
  );
  const bytes = bytesOf(
    mapOf(stringSerializer, listOf(optionalOf(before))),
    new Map([['k', [{ a: 1 }]]]),
  );
  const reader = mapOf(stringSerializer, listOf(optionalOf(now)));
  const written = mapOf(stringSerializer, listOf(optionalOf(before))).snapshot();
  t.is(reader.compatibilityWith(written), 'after-migration');
  t.deepEqual(read(readerOf(reader, written), bytes), new Map([['k', [{ a: 1, b: '?' }]]]));
});

test('changed types, and added fields that nothing can fill, are incompatible', (t) => {
  const before = structOf<{ a: number }>({ a: intSerializer });
  const retyped = structOf<{ a: string }>({ a: stringSerializer });
  const unfillable = structOf<{ a: number; b: string }>({ a: intSerializer, b: stringSerializer });
  const written = before.snapshot();
  t.is(retyped.compatibilityWith(written), 'incompatible');
  t.is(unfillable.compatibilityWith(written), 'incompatible');
  t.is(listOf(retyped).compatibilityWith(listOf(before).snapshot()), 'incompatible');
  t.is(listOf(before).compatibilityWith(written), 'incompatible');
  t.is(intSerializer.compatibilityWith(longSerializer.snapshot()), 'incompatible');
  const foreign = { ...written, fields: [{ name: 'x', type: { id: 'custom', version: 1 } }] };
  t.is(structOf<object>({}).compatibilityWith(foreign), 'incompatible');
});
