// The bytes of keys in the store. Checkpoints hold them, so they must never change.

import test from 'ava';
import fc from 'fast-check';

import { genericSerializer } from '../../stream/serializers/generic-serializer.ts';
import { stringSerializer } from '../../stream/serializers/primitive-serializers.ts';
import type { TypeSerializer } from '../../stream/type-serializer.ts';
import { KeyLayout, rangeOf } from './key-layout.ts';

const STRING: TypeSerializer<unknown> = stringSerializer;

function hex(bytes: Uint8Array | undefined): string | undefined {
  return bytes && Buffer.from(bytes).toString('hex');
}

test('a key group is one byte up to 128 of them, else two, big-endian', (t) => {
  t.is(hex(new KeyLayout(128, STRING).keyPrefix(0x2c, 'ab')), '2c026162');
  t.is(hex(new KeyLayout(129, STRING).keyPrefix(0x2c, 'ab')), '002c026162');
  t.is(hex(new KeyLayout(32_768, STRING).keyPrefix(300, '')), '012c00');
});

test('state id, key group, key, namespace and user key follow each other', (t) => {
  const layout = new KeyLayout(128, STRING);
  const prefix = layout.keyPrefix(5, 'k');
  const window = layout.encode('w', stringSerializer);
  const key = layout.entryKey(0x0102, prefix, window, layout.encode('u', stringSerializer));
  t.is(hex(key), '010205016b01770175');
  t.deepEqual(layout.read(key), { keyGroup: 5, key: 'k', keyStart: 3, keyEnd: 5 });
  const wide = new KeyLayout(1000, STRING);
  const far = wide.entryKey(1, wide.keyPrefix(300, 'k'));
  t.deepEqual(wide.read(far), { keyGroup: 300, key: 'k', keyStart: 4, keyEnd: 6 });
});

test('equal keys have equal bytes', (t) => {
  const layout = new KeyLayout(128, genericSerializer);
  const bytes = (key: unknown) => hex(layout.keyPrefix(0, key));
  t.is(bytes({ a: 1, b: [2] }), bytes({ b: [2], a: 1 }));
  t.is(bytes(-0), bytes(0));
  t.not(bytes('1'), bytes(1));
});

test('the range of a group has its keys and no others', (t) => {
  const layout = new KeyLayout(128, STRING);
  t.deepEqual(
    [layout.rangeOfGroup(1, 127)].map(({ from, to }) => [hex(from), hex(to)]),
    [['00017f', '000180']],
  );
  const last = rangeOf(Uint8Array.of(0xff, 0xff));
  t.is(last.to, undefined);
  t.is(hex(rangeOf(Uint8Array.of(1, 0xff)).to), '02');
});

test('no key is the beginning of another, whatever stands behind it', (t) => {
  const layout = new KeyLayout(128, genericSerializer);
  const key = fc.oneof(fc.string(), fc.integer(), fc.double({ noNaN: true }), fc.boolean());
  fc.assert(
    fc.property(key, key, (left, right) => {
      fc.pre(!Object.is(left, right) && left !== right);
      const [one, two] = [layout.keyPrefix(1, left), layout.keyPrefix(1, right)];
      t.not(hex(one.subarray(0, two.length)), hex(two));
    }),
  );
});
