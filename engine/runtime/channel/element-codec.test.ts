// Round trips of channel elements, as on the wire and as in the state of unaligned checkpoints.

import test from 'ava';
import fc from 'fast-check';

import { checkpointId } from '../../core/ids.ts';
import type { ChannelElement } from '../../stream/elements.ts';
import { stringSerializer } from '../../stream/serializers/primitive-serializers.ts';
import { decodeElement, decodeElements, encodeElement, encodeElements } from './element-codec.ts';

const EVENTS: readonly ChannelElement[] = [
  { kind: 'watermark', timestamp: Number.MIN_SAFE_INTEGER },
  { kind: 'watermark', timestamp: Number.MAX_SAFE_INTEGER },
  { kind: 'watermark-status', idle: true },
  {
    kind: 'barrier',
    checkpoint: checkpointId(7),
    timestampMs: 1_600_000_000_000,
    options: {
      alignment: 'unaligned',
      alignedTimeoutMs: undefined,
      type: 'savepoint',
      stop: 'drain',
      targetDirectory: '/savepoints/7',
    },
  },
  { kind: 'cancel-checkpoint', checkpoint: checkpointId(8) },
  { kind: 'end-of-data', drain: true },
  { kind: 'end-of-partition' },
];

for (const event of EVENTS) {
  test(`an event comes back as it was: ${JSON.stringify(event)}`, (t) => {
    t.deepEqual(decodeElement(encodeElement(event, undefined), undefined), event);
    t.deepEqual(decodeElement(encodeElement(event, stringSerializer), stringSerializer), event);
  });
}

const values = fc.oneof(fc.string(), fc.double(), fc.record({ id: fc.integer(), at: fc.string() }));

function batch(value: fc.Arbitrary<unknown>): fc.Arbitrary<ChannelElement> {
  const timestamp = fc.maxSafeInteger();
  return fc.array(fc.tuple(value, timestamp), { maxLength: 20 }).map((pairs) => ({
    kind: 'records',
    values: pairs.map(([one]) => one),
    timestamps: pairs.map(([, at]) => at),
  }));
}

test('elements come back as they were, in order, whatever the records', (t) => {
  const element = fc.oneof(batch(values), fc.constantFrom(...EVENTS));
  fc.assert(
    fc.property(fc.array(element, { maxLength: 8 }), (elements) => {
      t.deepEqual(decodeElements(encodeElements(elements, undefined), undefined), elements);
    }),
    { numRuns: 100 },
  );
});

test('records are written by the serializer of their edge', (t) => {
  fc.assert(
    fc.property(fc.array(batch(fc.string()), { maxLength: 4 }), (elements) => {
      const bytes = encodeElements(elements, stringSerializer);
      t.deepEqual(decodeElements(bytes, stringSerializer), elements);
    }),
    { numRuns: 50 },
  );
});

test('bytes that are no element are refused by name', (t) => {
  t.throws(() => decodeElement(Uint8Array.of(9), undefined), { code: 'OP-E402' });
});
