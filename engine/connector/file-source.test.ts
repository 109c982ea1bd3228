// Laws of FileSource: the source contract, and that every record of a file is read once, wherever
// chunks and pieces end and wherever a snapshot is taken.

import test from 'ava';
import fc from 'fast-check';

import { OnceproofError } from '../core/errors.ts';
import { encodeWtf8, wtf8Length } from '../stream/wtf8.ts';
import { csv } from './csv.ts';
import { FileSource, type FileSourceOptions, type MalformedRecord } from './file-source.ts';
import { jsonLines } from './json-lines.ts';
import type { RecordFormat } from './record-format.ts';
import { sourceContract } from './source.contract.ts';
import { InMemoryFileSystem } from './testing/in-memory-filesystem.ts';
import { SourceRun } from './testing/source-run.ts';

function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(wtf8Length(text));
  encodeWtf8(text, bytes, 0);
  return bytes;
}

async function files(texts: Readonly<Record<string, string>>): Promise<InMemoryFileSystem> {
  const filesystem = new InMemoryFileSystem();
  await filesystem.makeDirectory('/in');
  for (const [name, text] of Object.entries(texts)) {
    await filesystem.write(`/in/${name}`, bytesOf(text));
  }
  return filesystem;
}

/** All values in order, as one reader gives them. */
async function readAll<T>(
  filesystem: InMemoryFileSystem,
  options: Partial<FileSourceOptions<T>> & Pick<FileSourceOptions<T>, 'format'>,
): Promise<T[]> {
  const values: T[] = [];
  const idOf = (value: T): number => values.push(value) - 1;
  const source = new FileSource({ path: '/in', ...options });
  const run = new SourceRun({ source, filesystem, idOf });
  run.start(1, undefined);
  run.registerAll();
  await run.readToEnd();
  return values;
}

const NUMBERS = Array.from({ length: 14 }, (_, index) => index);
const THREE_FILES = {
  'a.jsonl': '0\n1\n\n2\n3\n',
  'b.jsonl': '4\r\n5\r\n6',
  'c.jsonl': '\ufeff7\n8\n9\n10\n11\n12\n13\n',
  'd.jsonl': '',
  '.part-9.inprogress': '99\n',
  _SUCCESS: '98\n',
};

for (const splitBytes of [undefined, 1, 4, 7]) {
  const options = splitBytes === undefined ? {} : { splitBytes };
  sourceContract(
    `FileSource of JSON lines in pieces of ${splitBytes ?? 'any'} bytes`,
    async () => ({
      source: new FileSource({
        path: '/in',
        format: jsonLines<number>(),
        chunkBytes: 3,
        ...options,
      }),
      filesystem: await files(THREE_FILES),
      idOf: (value: number) => value,
      expected: NUMBERS,
    }),
  );
}

sourceContract('FileSource of CSV', async () => ({
  source: new FileSource({
    paths: ['/in/x.csv', '/in/y.csv'],
    format: csv<{ id: number }>({ columns: [{ name: 'id', type: 'integer' }] }),
    chunkBytes: 4,
  }),
  filesystem: await files({
    'x.csv': 'id,text\n0,a\n1,"b\nb"\n2,""""\n3,\n4,é\n5,f\n',
    'y.csv': '\ufefftext,id\r\n"6,",6\r\n,7\r\n,8\r\n,9\r\n,10\r\n,11\r\n,12\r\n,13',
  }),
  idOf: (value: { id: number }) => value.id,
  expected: NUMBERS,
}));

const layout = fc.record({
  isWindows: fc.boolean(),
  hasMark: fc.boolean(),
  endsInBreak: fc.boolean(),
  chunkBytes: fc.integer({ min: 1, max: 40 }),
});

test('JSON lines are read once, in order, wherever chunks and pieces end', async (t) => {
  const text = fc.string({ unit: 'binary', maxLength: 5 });
  const value = fc.oneof(
    text,
    fc.integer(),
    fc.constant(null),
    fc.dictionary(text, text, { maxKeys: 2 }),
  );
  const values = fc.array(value, { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(values, layout, fc.integer({ min: 4, max: 60 }), async (lines, how, piece) => {
      const lineBreak = how.isWindows ? '\r\n' : '\n';
      const text = lines.map((line) => JSON.stringify(line)).join(lineBreak);
      const whole = `${how.hasMark ? '\ufeff' : ''}${text}${how.endsInBreak ? lineBreak : ''}`;
      const filesystem = await files({ 'a.jsonl': whole });
      const format = jsonLines();
      const { chunkBytes } = how;
      const expected = lines.map((line): unknown => JSON.parse(JSON.stringify(line)));
      t.deepEqual(await readAll(filesystem, { format, chunkBytes }), expected);
      t.deepEqual(await readAll(filesystem, { format, chunkBytes, splitBytes: piece }), expected);
    }),
    { numRuns: 100 },
  );
});

test('whatever csv() writes it reads back, wherever chunks end', async (t) => {
  const text = fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\n', '\r', 'é', '\ufeff') });
  const rows = fc.array(fc.record({ name: text, size: fc.option(fc.integer()) }), { maxLength: 6 });
  const options = fc.record({ header: fc.boolean(), delimiter: fc.constantFrom(',', ';', '\t') });
  await fc.assert(
    fc.asyncProperty(
      rows,
      options,
      fc.integer({ min: 1, max: 30 }),
      async (all, how, chunkBytes) => {
        const columns = ['name', { name: 'size', type: 'integer' as const }];
        const format = csv<{ name: string; size: number | null }>({ ...how, columns });
        const filesystem = await files({ 'a.csv': written(format, all) });
        t.deepEqual(await readAll(filesystem, { format, chunkBytes }), all);
        const single = csv<{ name: string }>({ ...how, columns: ['name'] });
        const names = all.map(({ name }) => ({ name }));
        const narrow = await files({ 'a.csv': written(single, names) });
        t.deepEqual(await readAll(narrow, { format: single, chunkBytes }), names);
      },
    ),
    { numRuns: 100 },
  );
});

function written<T>(format: RecordFormat<T>, rows: readonly T[]): string {
  return [format.preamble ?? '', ...rows.map((row) => format.encode(row))].join('');
}

test('columns are typed, an empty field is null, and a header alone gives strings', async (t) => {
  const filesystem = await files({ 'a.csv': 'a,b,c,__proto__\n1.5,true,,x\n-2e3,false,7,y\n' });
  t.deepEqual(await readAll(filesystem, { format: csv() }), [
    Object.fromEntries([
      ['a', '1.5'],
      ['b', 'true'],
      ['c', ''],
      ['__proto__', 'x'],
    ]),
    Object.fromEntries([
      ['a', '-2e3'],
      ['b', 'false'],
      ['c', '7'],
      ['__proto__', 'y'],
    ]),
  ]);
  const typed = csv({
    columns: [
      { name: 'c', type: 'integer' },
      { name: 'b', type: 'boolean' },
      { name: 'a', type: 'number' },
    ],
  });
  t.deepEqual(await readAll(filesystem, { format: typed }), [
    { c: null, b: true, a: 1.5 },
    { c: 7, b: false, a: -2000 },
  ]);
});

const ONE = csv({ header: false, columns: ['a'] });
const POISON: readonly (readonly [string, RecordFormat<unknown>, string, RegExp])[] = [
  ['broken JSON', jsonLines(), '1\n{"a":\n3\n', /line 2, byte offset 2: .*JSON/],
  [
    'too few fields',
    csv({ header: false, columns: ['a', 'b'] }),
    '1,2\n3\n',
    /record 2, .*1 fields/,
  ],
  ['a stray quote', ONE, 'a\nb"c\nd\n', /record 2, .*quote inside/],
  ['text behind quotes', ONE, '"a"b\nc\n', /record 1, .*text behind/],
  ['an open quote', ONE, 'a\n"b\nc', /record 2, .*has no end/],
  ['two stray quotes', ONE, 'a""b\nc\n"d"\n', /record 1, .*quote inside/],
  [
    'a wrong type',
    csv({ columns: [{ name: 'a', type: 'integer' }] }),
    'a\n1\n2.5\n',
    /record 3, byte offset 4: column "a": "2.5" is no integer/,
  ],
];

for (const [what, format, text, message] of POISON) {
  test(`${what} ends the job with OP-E203, file, position and remedy`, async (t) => {
    const filesystem = await files({ 'bad.txt': text });
    const error = await t.throwsAsync(() => readAll(filesystem, { format }), {
      instanceOf: OnceproofError,
      message,
    });
    t.is(error?.code, 'OP-E203');
    t.regex(error?.place ?? '', /^\/in\/bad\.txt, (line|record) \d, byte offset \d+$/);
    t.regex(error?.remedy ?? '', /onMalformed: 'skip'/);
  });

  test(`${what} is left out, counted and told of, if asked`, async (t) => {
    const filesystem = await files({ 'bad.txt': text });
    const skipped: MalformedRecord[] = [];
    const values = await readAll(filesystem, {
      format,
      onMalformed: 'skip',
      onSkipped: (record) => void skipped.push(record),
    });
    t.is(skipped.length, 1);
    t.is(skipped[0]?.count, 1);
    t.is(skipped[0]?.path, '/in/bad.txt');
    const lines = text.split('\n').filter((line) => line !== '').length;
    const header = text.startsWith('a\n1') ? 1 : 0;
    t.is(values.length, what === 'an open quote' ? 1 : lines - 1 - header);
  });
}

test('a restored reader still knows the line it is in', async (t) => {
  const filesystem = await files({ 'a.jsonl': '1\n2\n3\n{\n' });
  const source = new FileSource({ path: '/in', format: jsonLines() });
  const run = new SourceRun({ source, filesystem, idOf: Number });
  run.start(1, undefined);
  run.registerAll();
  await run.read(2);
  run.start(1, run.checkpoint());
  run.registerAll();
  await t.throwsAsync(() => run.readToEnd(), { message: /line 4, byte offset 6/ });
});

test('bytes that are no UTF-8 are malformed', async (t) => {
  const filesystem = await files({});
  await filesystem.write('/in/a.jsonl', new Uint8Array([0x22, 0xc3, 0x22, 0x0a]));
  const options = { format: jsonLines() };
  await t.throwsAsync(() => readAll(filesystem, options), { message: /line 1, .*not UTF-8/ });
});

test('a header that cannot be used ends the job even where records are skipped', async (t) => {
  for (const [text, message] of [
    ['a,a\n1,2\n', /header is wrong: column "a" is there twice/],
    ['b\n1\n', /header is wrong: there is no column "a"/],
    ['"a\n', /header is wrong: a quoted field has no end/],
  ] as const) {
    const filesystem = await files({ 'a.csv': text });
    const options = { format: csv({ columns: ['a'] }), onMalformed: 'skip' as const };
    const error = await t.throwsAsync(() => readAll(filesystem, options), { message });
    t.true(error instanceof OnceproofError && error.code === 'OP-E203');
  }
});

test('a missing file and one that shrank are OP-E204, an unreadable one is OP-E617', async (t) => {
  const filesystem = await files({ 'a.jsonl': '1\n2\n3\n4\n' });
  const format = jsonLines();
  const missing = () => readAll(filesystem, { format, path: '/in/nowhere' });
  const error = await t.throwsAsync(missing, { instanceOf: OnceproofError });
  t.is(error?.code, 'OP-E204');
  t.is(error?.place, '/in/nowhere');
  filesystem.interfere = ({ operation }) => (operation === 'read' ? 'EACCES' : undefined);
  const refused = await t.throwsAsync(() => readAll(filesystem, { format }), {
    instanceOf: OnceproofError,
  });
  t.is(refused?.code, 'OP-E617');
  t.regex(refused?.message ?? '', /Cannot read "\/in\/a.jsonl": .*EACCES/);
  filesystem.interfere = () => undefined;
  const source = new FileSource({ path: '/in', format, chunkBytes: 1 });
  const run = new SourceRun({ source, filesystem, idOf: Number });
  run.start(1, undefined);
  run.registerAll();
  await run.read(1);
  await filesystem.truncate('/in/a.jsonl', 5);
  const shrunk = await t.throwsAsync(() => run.readToEnd(), { instanceOf: OnceproofError });
  t.is(shrunk?.code, 'OP-E204');
});

test('a file that grows is read to the end it had, also after a restart', async (t) => {
  const filesystem = await files({ 'a.jsonl': '0\n1\n' });
  const source = new FileSource({ path: '/in', format: jsonLines<number>() });
  const run = new SourceRun({ source, filesystem, idOf: (value: number) => value });
  run.start(1, undefined);
  run.registerAll();
  await run.settle();
  await filesystem.append('/in/a.jsonl', bytesOf('2\n'));
  await filesystem.write('/in/b.jsonl', bytesOf('3\n'));
  await run.read(1);
  run.start(2, run.checkpoint());
  run.registerAll();
  await run.readToEnd();
  t.deepEqual(run.emitted, [0, 1]);
});

test('a record beyond maxRecordBytes is refused instead of filling the memory', async (t) => {
  const filesystem = await files({ 'a.jsonl': `"${'x'.repeat(100)}"\n` });
  const options = { format: jsonLines(), chunkBytes: 8, maxRecordBytes: 40 };
  await t.throwsAsync(() => readAll(filesystem, options), { message: /more than 40 bytes long/ });
  t.is((await readAll(filesystem, { ...options, maxRecordBytes: 200 })).length, 1);
});

test('values that a format cannot say are refused when written, not bent', (t) => {
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  for (const value of [undefined, Number.NaN, { a: -Infinity }, 1n, cyclic, () => 1]) {
    t.is(
      t.throws(() => jsonLines().encode(value), { instanceOf: OnceproofError })?.code,
      'OP-E205',
    );
  }
  const format = csv<{ a: unknown }>({ columns: ['a'] });
  for (const a of [Number.NaN, { b: 1 }, [1]]) {
    t.is(t.throws(() => format.encode({ a }), { instanceOf: OnceproofError })?.code, 'OP-E205');
  }
  t.is(format.encode({ a: undefined }), '""\r\n');
});

test('a wrong option is refused with its name', (t) => {
  const format = csv();
  const wrong: readonly (readonly [string, () => unknown])[] = [
    ['FileSource.path', () => new FileSource({ format })],
    ['FileSource.path', () => new FileSource({ format, paths: ['/in', 'out'] })],
    ['FileSource.path', () => new FileSource({ format, path: '/in/' })],
    ['FileSource.splitBytes', () => new FileSource({ path: '/in', format, splitBytes: 10 })],
    ['FileSource.chunkBytes', () => new FileSource({ path: '/in', format, chunkBytes: 0 })],
    ['csv().columns', () => csv({ header: false })],
    ['csv().columns', () => csv({ columns: ['a', 'a'] })],
    ['csv().columns', () => csv().encode({})],
    ['csv().delimiter', () => csv({ delimiter: '"' })],
  ];
  for (const [place, make] of wrong) {
    const error = t.throws(make, { instanceOf: OnceproofError });
    t.is(error?.code, 'OP-E302');
    t.is(error?.place, place);
  }
});
