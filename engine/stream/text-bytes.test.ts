// Base64 against the platform's.
import test from 'ava';
import fc from 'fast-check';
import { base64Of, bytesOfBase64, textOfUtf8, utf8Of } from './text-bytes.ts';

test('bytes become the base64 that everybody writes, and come back', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const text = base64Of(bytes);
      t.is(text, Buffer.from(bytes).toString('base64'));
      t.deepEqual(bytesOfBase64(text), bytes);
    }),
  );
});

test('what no encoder wrote is refused', (t) => {
  for (const text of ['A', 'AA', 'AAA', 'AB==', 'AAB=', 'A===', '====', 'AA=A', 'A-AA', 'AAé=']) {
    t.is(bytesOfBase64(text), undefined, text);
  }
});

test('text passes through UTF-8', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      t.deepEqual(utf8Of(text), new Uint8Array(Buffer.from(text, 'utf8')));
      t.is(textOfUtf8(utf8Of(text)), text);
    }),
  );
});
