// What people see of values that the serializers of this package have written.

import test, { type ExecutionContext } from 'ava';

import { ByteReader } from '../../stream/byte-reader.ts';
import { ByteWriter } from '../../stream/byte-writer.ts';
import { bytesSerializer } from '../../stream/serializers/bytes-serializer.ts';
import {
  listOf,
  mapOf,
  optionalOf,
  tupleOf,
} from '../../stream/serializers/container-serializers.ts';
import { genericSerializer } from '../../stream/serializers/generic-serializer.ts';
import {
  booleanSerializer,
  doubleSerializer,
  intSerializer,
  longSerializer,
  stringSerializer,
} from '../../stream/serializers/primitive-serializers.ts';
import { structOf } from '../../stream/serializers/struct-serializer.ts';
import type { TypeSerializer } from '../../stream/type-serializer.ts';
import { canRead, columnOf, jsonOf, readWritten } from './written-value.ts';

function seen<T>(t: ExecutionContext, serializer: TypeSerializer<T>, value: T): string {
  const output = new ByteWriter();
  serializer.serialize(value, output);
  const input = new ByteReader(output.take());
  t.true(canRead(serializer.snapshot()));
  const read = readWritten(serializer.snapshot(), input);
  t.is(input.remaining, 0);
  return jsonOf(read);
}

test('declared types are read as JSON', (t) => {
  t.is(seen(t, stringSerializer, 'é"'), '"é\\""');
  t.is(seen(t, intSerializer, -3), '-3');
  t.is(seen(t, longSerializer, 2 ** 50), '1125899906842624');
  t.is(seen(t, doubleSerializer, 0.5), '0.5');
  t.is(seen(t, booleanSerializer, true), 'true');
  t.is(seen(t, bytesSerializer, Uint8Array.of(1, 2, 3)), '"AQID"');
  t.is(seen(t, listOf(intSerializer), [1, 2]), '[1,2]');
  t.is(seen(t, optionalOf(intSerializer), undefined), 'null');
  t.is(seen(t, optionalOf(intSerializer), 4), '4');
  t.is(seen(t, tupleOf(intSerializer, stringSerializer), [1, 'a']), '[1,"a"]');
  t.is(seen(t, mapOf(stringSerializer, intSerializer), new Map([['a', 1]])), '{"a":1}');
  t.is(seen(t, mapOf(intSerializer, intSerializer), new Map([[1, 2]])), '[[1,2]]');
  const struct = structOf({ name: stringSerializer, count: intSerializer });
  t.is(seen(t, struct, { name: 'a', count: 1 }), '{"name":"a","count":1}');
});

test('generic values are read as JSON, or as what is nearest to it', (t) => {
  const generic = (value: unknown) => seen(t, genericSerializer, value);
  t.is(generic({ a: [1, null, undefined], b: { c: 'd' } }), '{"a":[1,null,null],"b":{"c":"d"}}');
  t.is(generic(new Set([1, 2])), '[1,2]');
  t.is(generic(12n ** 30n), `"${12n ** 30n}"`);
  t.is(generic(Number.NaN), '"NaN"');
  t.is(generic(-Infinity), '"-Infinity"');
  t.deepEqual(
    JSON.parse(generic(new Map<unknown, unknown>([['__proto__', 1]]))),
    JSON.parse('{"__proto__":1}'),
  );
});

test('a string is a column as it is, anything else as JSON, nothing is null', (t) => {
  t.is(columnOf('EWR'), 'EWR');
  t.is(columnOf(7), '7');
  t.is(columnOf([1]), '[1]');
  t.is(columnOf(undefined), undefined);
});

test('what a serializer of a user wrote is not guessed at', (t) => {
  t.false(canRead({ id: 'my-own', version: 1 }));
  t.false(canRead({ id: 'list', version: 1, elements: [{ id: 'my-own', version: 1 }] }));
  t.false(canRead({ id: 'string', version: 2 }));
});
