// Laws of the generic serializer: plain values come back equal, copies share nothing, and
// everything else is refused with the path to the culprit.

import test from 'ava';
import fc from 'fast-check';

import { OnceproofError } from '../../core/errors.ts';
import { ByteReader } from '../byte-reader.ts';
import { ByteWriter } from '../byte-writer.ts';
import { genericSerializer } from './generic-serializer.ts';

function bytesOf(value: unknown): Uint8Array {
  const writer = new ByteWriter();
  genericSerializer.serialize(value, writer);
  return writer.take();
}

function roundTrip(value: unknown): unknown {
  const reader = new ByteReader(bytesOf(value));
  const result = genericSerializer.deserialize(reader);
  if (reader.remaining > 0) throw new Error(`${reader.remaining} bytes left`);
  return result;
}

const anything = fc.anything({
  withBigInt: true,
  withMap: true,
  withSet: true,
  withNullPrototype: false,
  values: [
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.maxSafeInteger(),
    fc.bigInt(),
    fc.boolean(),
    fc.uint8Array(),
    fc.constantFrom(undefined, null, -0, Number.NaN, Number.POSITIVE_INFINITY, '\ud800', 2 ** 60),
  ],
});

test('plain values are read back equal, down to -0, NaN and the order of properties', (t) => {
  fc.assert(
    fc.property(anything, (value) => {
      t.deepEqual(roundTrip(value), value);
      t.is(fc.stringify(roundTrip(value)), fc.stringify(value));
    }),
    { numRuns: 500 },
  );
});

test('a copy is equal and shares no mutable part', (t) => {
  fc.assert(
    fc.property(anything, (value) => {
      t.is(fc.stringify(genericSerializer.copy(value)), fc.stringify(value));
    }),
  );
  const inner = {
    list: [1],
    map: new Map([['x', { n: 1 }]]),
    set: new Set([[1]]),
    bytes: new Uint8Array(2),
  };
  const copy = genericSerializer.copy(inner) as typeof inner;
  inner.list.push(2);
  inner.bytes[0] = 9;
  const entry = inner.map.get('x');
  if (entry !== undefined) entry.n = 2;
  t.deepEqual(copy.list, [1]);
  t.deepEqual(copy.map.get('x'), { n: 1 });
  t.is(copy.bytes[0], 0);
});

class Money {
  readonly cents = 1;
}
const ledger: unknown = Object.setPrototypeOf(new Map(), Money.prototype);

test('what is no plain data is OP-E401 with the path and what was found', (t) => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  let deep: unknown = 0;
  for (let level = 0; level < 600; level++) deep = [deep];
  const cases: readonly (readonly [unknown, string, RegExp])[] = [
    [{ user: { callback: () => 1 } }, 'record.user.callback', /a function/],
    [[1, [Symbol('x')]], 'record[1][0]', /a symbol/],
    [{ 'not a name': new Money() }, 'record["not a name"]', /an instance of Money/],
    [new Map([['k', new Date(0)]]), 'record.get("k")', /an instance of Date/],
    [new Map([[new Money(), 1]]), 'record.keys()[0]', /an instance of Money/],
    [new Set([Promise.resolve()]), 'record.values()[0]', /an instance of Promise/],
    [{ a: cycle }, 'record.a.self', /a cycle/],
    [ledger, 'record', /an instance of Money/],
    [{ [Symbol('x')]: 1 }, 'record', /named by a symbol/],
    [new Float64Array(1), 'record', /an instance of Float64Array/],
    [deep, 'record' + '[0]'.repeat(500), /deeper than 500/],
  ];
  for (const [value, path, found] of cases) {
    for (const attempt of [() => bytesOf(value), () => roundTrip(value)]) {
      const error = t.throws(attempt, { instanceOf: OnceproofError });
      t.is(error?.code, 'OP-E401');
      t.is(error?.place, path);
      t.true(error?.message.startsWith(`Cannot serialize ${path}: `));
      t.regex(error?.message ?? '', found);
      t.true((error?.remedy ?? '').length > 10);
    }
  }
  t.throws(() => genericSerializer.copy({ at: () => 1 }), { code: 'OP-E401' });
});

test('damaged bytes are OP-E402, never another exception', (t) => {
  fc.assert(
    fc.property(anything, fc.nat(), fc.nat(255), (value, at, byte) => {
      const bytes = bytesOf(value);
      bytes[at % bytes.length] = byte;
      try {
        genericSerializer.deserialize(new ByteReader(bytes));
        return true;
      } catch (error) {
        return error instanceof OnceproofError && error.code === 'OP-E402';
      }
    }),
    { numRuns: 2000 },
  );
  t.pass();
});

test('a property named __proto__ stays a property', (t) => {
  const value = JSON.parse('{"__proto__":{"admin":true}}') as object;
  const back = roundTrip(value) as object;
  t.is(Object.getPrototypeOf(back), Object.prototype);
  t.deepEqual(Object.keys(back), ['__proto__']);
  t.deepEqual(Object.keys(genericSerializer.copy(value) as object), ['__proto__']);
});
