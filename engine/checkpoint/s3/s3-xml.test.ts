// Documents are whole and expected, or nothing.

import fc from 'fast-check';
import test from 'ava';
import { percentDecode, percentEncode } from './s3-text.ts';
import { base64Of, utf8Of } from '../../stream/text-bytes.ts';
import { escapeXml, isWritableInXml, parseXml } from './s3-xml.ts';

const LISTING =
  '<?xml version="1.0"?>\n<List xmlns="x"><A><Key>a &amp; &#34;b&#x22;</Key></A><A>\n' +
  '  <Key> c</Key></A><Next>007</Next><Empty/></List>\n';

test('parseXml() gives elements by name, and text as it is', (t) => {
  const list = parseXml(utf8Of(LISTING), 'List');
  t.deepEqual(
    list?.all('A').map((entry) => entry.textOf('Key')),
    ['a & "b"', ' c'],
  );
  t.is(list?.textOf('Next'), '007');
  t.is(list?.textOf('Empty'), '');
  t.is(list?.textOf('constructor'), '');
});

test('no part of a document, and no other one, counts for it', (t) => {
  const end = LISTING.trimEnd().length;
  for (let length = 0; length < end; length += 1) {
    t.is(parseXml(utf8Of(LISTING.slice(0, length)), 'List'), undefined);
  }
  t.is(parseXml(utf8Of(LISTING), 'Error'), undefined);
  t.is(parseXml(Uint8Array.of(0xff, 0xfe), 'List'), undefined);
});

test('escapeXml() loses nothing that XML can hold', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }).filter(isWritableInXml), (text) => {
      const element = parseXml(utf8Of(`<A><B>${escapeXml(text)}</B></A>`), 'A');
      t.is(element?.textOf('B'), text);
    }),
  );
});

test('percentEncode() leaves the unreserved alone and is undone by percentDecode()', (t) => {
  t.is(percentEncode("aZ09-._~ !'()*/+"), 'aZ09-._~%20%21%27%28%29%2A%2F%2B');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const encoded = percentEncode(text);
      t.regex(encoded, /^(?:[A-Za-z0-9\-._~]|%[0-9A-F]{2})*$/);
      t.is(percentDecode(encoded), text);
    }),
  );
  t.is(percentDecode('%ff'), undefined);
});

test('base64Of() is what Node makes of the same bytes', (t) => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      t.is(base64Of(bytes), Buffer.from(bytes).toString('base64'));
    }),
  );
});
