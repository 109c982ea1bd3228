// Encryption at rest over a file system in memory: what is written comes back, and nothing that was
// done to the bytes on the way does.

import { fc } from '@fast-check/ava';
import test from 'ava';

import { crc32c } from '../core/crc32c.ts';
import { OnceproofError } from '../core/errors.ts';
import { ArtefactCipher } from './artefact-cipher.ts';
import { EncryptedArtefactStore } from './encrypted-artefact-store.ts';
import type { Encryption, EncryptionKey } from './encryption-keys.ts';
import { FileArtefactStore } from './file-artefact-store.ts';
import { CrashableFileSystem } from './testing/crashable-file-system.ts';
import { SEALED } from './sealed-sizes.ts';

const PATH = '/base/job/chk-3/op-1';
const FRAME = SEALED.FRAME_BYTES;

function keyOf(id: string, seed = 1): EncryptionKey {
  return { id, bytes: Uint8Array.from({ length: 32 }, (_, at) => (at * 7 + seed) % 256) };
}

/** Differs from call to call, as the real one does. */
function countingBytes(): (length: number) => Uint8Array {
  let calls = 0;
  return (length) => {
    calls += 1;
    return Uint8Array.from({ length }, (_, at) => (calls >> (8 * (at % 4))) & 0xff);
  };
}

interface World {
  readonly files: CrashableFileSystem;
  readonly store: EncryptedArtefactStore;
  /** The same files, with other keys. */
  readonly openWith: (encryption: Encryption) => EncryptedArtefactStore;
}

async function world(encryption: Encryption = { key: () => keyOf('k1') }): Promise<World> {
  const files = new CrashableFileSystem();
  for (const directory of ['/base/job/chk-3', '/base/job/chk-4', '/base/job/shared', '/sp/old']) {
    await files.makeDirectory(directory);
  }
  const randomBytes = countingBytes();
  const open = (options: Encryption): EncryptedArtefactStore => {
    const cipher = new ArtefactCipher({ encryption: options, randomBytes });
    return new EncryptedArtefactStore(new FileArtefactStore(files), cipher);
  };
  return { files, store: open(encryption), openWith: open };
}

async function write(
  store: EncryptedArtefactStore,
  path: string,
  ...pieces: readonly Uint8Array[]
): Promise<void> {
  const writer = await store.create(path);
  for (const piece of pieces) await writer.write(piece);
  await writer.close();
}

function content(length: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8) + seed) & 0xff);
}

async function codeOf(operation: Promise<unknown>): Promise<string | undefined> {
  try {
    await operation;
    return undefined;
  } catch (error) {
    return error instanceof OnceproofError ? error.code : String(error);
  }
}

const SIZES = [0, 1, 100, FRAME - 1, FRAME, FRAME + 1, 2 * FRAME, 2 * FRAME + 77];

for (const size of SIZES) {
  test(`${size} bytes come back, whole and in parts, and their size is told`, async (t) => {
    const { store } = await world();
    const bytes = content(size);
    const cut = Math.floor(size / 3);
    await write(store, PATH, bytes.subarray(0, cut), bytes.subarray(cut));
    t.deepEqual(await store.read(PATH), bytes);
    t.deepEqual(await store.status(PATH), { kind: 'file', sizeBytes: size });
    for (const offset of [0, 1, cut, FRAME - 1, FRAME, size, size + 5]) {
      for (const length of [0, 1, 3, FRAME, size]) {
        const part = await store.read(PATH, offset, length);
        t.deepEqual(part, bytes.slice(offset, offset + length), `${offset}+${length}`);
      }
    }
  });
}

test('nothing of the content can be seen in the file', async (t) => {
  const { files, store } = await world();
  const bytes = new Uint8Array(3_000).fill(0x41);
  await write(store, PATH, bytes);
  const raw = await files.read(PATH);
  const longest = raw.reduce((run, byte) => (byte === 0x41 ? run + 1 : 0), 0);
  t.true(raw.length > bytes.length && longest < 4);
});

test('the same bytes are encrypted differently each time, unless they are published', async (t) => {
  const { files, store } = await world();
  await write(store, '/base/job/shared/1-a', content(500));
  await write(store, '/base/job/shared/1-b', content(500));
  const body = async (path: string): Promise<number> => crc32c(await files.read(path, 128));
  t.not(await body('/base/job/shared/1-a'), await body('/base/job/shared/1-b'));
  const metadata = '/base/job/chk-3/_metadata';
  await store.publish(metadata, content(500), 'a');
  await t.notThrowsAsync(store.publish(metadata, content(500), 'b'));
  t.is(await codeOf(store.publish(metadata, content(501), 'b')), 'OP-E507');
  t.deepEqual(await store.read(metadata), content(500));
});

test('every single flipped bit is found', async (t) => {
  const { files, store } = await world();
  await write(store, PATH, content(40));
  const size = (await files.read(PATH)).length;
  for (let bit = 0; bit < size * 8; bit++) {
    const flip = (bytes: Uint8Array): Uint8Array => {
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return bytes;
    };
    files.damage(PATH, flip);
    t.is(await codeOf(store.read(PATH)), 'OP-E503', `bit ${bit}`);
    files.damage(PATH, flip);
  }
  t.deepEqual(await store.read(PATH), content(40));
});

test('every truncation is found', async (t) => {
  const { files, store } = await world();
  await write(store, PATH, content(2 * FRAME + 5));
  const whole = await files.read(PATH);
  const ends = [4, 127, 128, 143, 144, 128 + FRAME, 128 + FRAME + 16, 128 + 2 * (FRAME + 16)];
  for (const end of [...ends, whole.length - 1]) {
    files.damage(PATH, () => whole.slice(0, end));
    t.regex((await codeOf(store.read(PATH))) ?? 'read', /^OP-E50[23]$/, `${end} bytes`);
  }
  files.damage(PATH, () => whole.slice(0, 128 + FRAME + 16));
  t.is(await codeOf(store.read(PATH)), 'OP-E502', 'a cut between frames is told as one');
});

test('frames that were exchanged, repeated or taken from another artefact are found', async (t) => {
  const { files, store } = await world();
  await write(store, PATH, content(3 * FRAME));
  await write(store, '/base/job/chk-3/op-2', content(3 * FRAME, 9));
  const whole = await files.read(PATH);
  const other = await files.read('/base/job/chk-3/op-2');
  const frame = (bytes: Uint8Array, index: number): Uint8Array =>
    bytes.slice(128 + index * (FRAME + 16), 128 + (index + 1) * (FRAME + 16));
  const head = whole.slice(0, 128);
  const mixed = [
    [head, frame(whole, 1), frame(whole, 0), frame(whole, 2)],
    [head, frame(whole, 0), frame(whole, 0), frame(whole, 2)],
    [head, frame(whole, 0), frame(other, 1), frame(whole, 2)],
    [head, frame(whole, 0), frame(whole, 1), frame(whole, 2), frame(whole, 2)],
    [other.slice(0, 128), frame(whole, 0), frame(whole, 1), frame(whole, 2)],
  ];
  for (const pieces of mixed) {
    files.damage(PATH, () => Uint8Array.from(pieces.flatMap((piece) => [...piece])));
    t.is(await codeOf(store.read(PATH)), 'OP-E503');
  }
});

test('an artefact is bound to its checkpoint and name, and not to what lies above', async (t) => {
  const { files, store } = await world();
  await write(store, PATH, content(10));
  await write(store, '/sp/old/op-1', content(11));
  const move = async (from: string, to: string): Promise<string | undefined> => {
    await files.write(to, await files.read(from));
    return codeOf(store.read(to));
  };
  await files.makeDirectory('/backup/chk-3');
  await files.makeDirectory('/sp/new');
  t.is(await move(PATH, '/backup/chk-3/op-1'), undefined);
  t.is(await move('/sp/old/op-1', '/sp/new/op-1'), undefined);
  t.is(await move(PATH, '/base/job/chk-4/op-1'), 'OP-E503');
  t.is(await move(PATH, '/base/job/chk-3/op-2'), 'OP-E503');
});

test('keys rotate: old artefacts stay readable, new ones use the new key', async (t) => {
  const { store, openWith } = await world();
  await write(store, PATH, content(10));
  const both = new Map([
    ['k1', keyOf('k1').bytes],
    ['k2', keyOf('k2', 2).bytes],
  ]);
  const rotated = openWith({ key: { current: () => keyOf('k2', 2), byId: (id) => both.get(id) } });
  t.deepEqual(await rotated.read(PATH), content(10));
  await write(rotated, '/base/job/chk-3/op-2', content(20));
  t.is(await codeOf(store.read('/base/job/chk-3/op-2')), 'OP-E571');
  t.deepEqual(await rotated.read('/base/job/chk-3/op-2'), content(20));
});

test('metadata published before a rotation is known as the same after it', async (t) => {
  const { store, openWith } = await world();
  const metadata = '/base/job/chk-3/_metadata';
  await store.publish(metadata, content(10), 'a');
  const both = new Map([
    ['k1', keyOf('k1').bytes],
    ['k2', keyOf('k2', 2).bytes],
  ]);
  const rotated = openWith({ key: { current: () => keyOf('k2', 2), byId: (id) => both.get(id) } });
  t.is(await codeOf(rotated.publish(metadata, content(10), 'b')), undefined);
  t.is(await codeOf(rotated.publish(metadata, content(11), 'b')), 'OP-E507');
});

test('a wrong key is refused as one, and is not taken for damage', async (t) => {
  const { store, openWith } = await world();
  await write(store, PATH, content(10));
  t.is(await codeOf(openWith({ key: () => keyOf('k1', 2) }).read(PATH)), 'OP-E572');
  t.is(await codeOf(openWith({ key: () => keyOf('k2') }).read(PATH)), 'OP-E571');
  t.is(await codeOf(openWith({ key: () => keyOf('k1', 2) }).read(PATH, 0, 1)), 'OP-E572');
});

test('a provider that fails, or gives no key, is named', async (t) => {
  const failing = (): never => {
    throw new Error('vault sealed');
  };
  const short = { id: 'k1', bytes: new Uint8Array(16) };
  for (const key of [failing, () => short, () => keyOf(''), () => keyOf('two words')]) {
    const { store } = await world({ key });
    t.is(await codeOf(store.create(PATH)), 'OP-E570');
  }
});

test('what is not encrypted is refused, or accepted where the user says so', async (t) => {
  const { files, store, openWith } = await world();
  await files.write(PATH, content(10));
  t.is(await codeOf(store.read(PATH)), 'OP-E573');
  const lenient = openWith({ key: () => keyOf('k1'), acceptUnencrypted: true });
  t.deepEqual(await lenient.read(PATH), content(10));
  t.deepEqual(await lenient.read(PATH, 2, 3), content(10).slice(2, 5));
  t.deepEqual(await lenient.status(PATH), { kind: 'file', sizeBytes: 10 });
});

test('any bytes in any pieces come back', async (t) => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 70_000, size: 'max' }), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(pieces, fc.nat(300_000), fc.nat(70_000), async (parts, offset, length) => {
      const { store } = await world();
      await write(store, PATH, ...parts);
      const whole = Uint8Array.from(parts.flatMap((part) => [...part]));
      t.deepEqual(await store.read(PATH), whole);
      const part = await store.read(PATH, offset, length);
      t.deepEqual(part, whole.slice(offset, offset + length));
    }),
    { numRuns: 15 },
  );
});
