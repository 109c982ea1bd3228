// Two directories with the same files: whatever is done to one copy, the other one's bytes are
// read, and the damaged copy is whole again afterwards.

import { fc } from '@fast-check/ava';
import test from 'ava';

import { crc32c } from '../core/crc32c.ts';
import { type ErrorCode, OnceproofError } from '../core/errors.ts';
import { FileSystemError } from '../environment/filesystem.ts';
import type { StateHandle } from '../state/state-handle.ts';
import { ArtefactCipher } from './artefact-cipher.ts';
import type { ArtefactStore } from './artefact-store.ts';
import { EncryptedArtefactStore } from './encrypted-artefact-store.ts';
import { FileArtefactStore } from './file-artefact-store.ts';
import { readArtefact } from './read-artefact.ts';
import { type RepairedArtefact, ReplicatedArtefactStore } from './replicated-artefact-store.ts';
import { CrashableFileSystem } from './testing/crashable-file-system.ts';
import { Reachability, storeThatCanBeAway } from './testing/store-that-can-be-away.ts';

const NAME = 'job/chk-1/op-1';
const METADATA = 'job/chk-1/_metadata';
const [A, B] = ['/disk-a/cp', '/disk-b/cp'];

interface World {
  readonly files: CrashableFileSystem;
  readonly store: ReplicatedArtefactStore;
  readonly first: Reachability;
  readonly second: Reachability;
  readonly repairs: RepairedArtefact[];
}

async function world(): Promise<World> {
  const files = new CrashableFileSystem();
  const [first, second] = [new Reachability(), new Reachability()];
  const repairs: RepairedArtefact[] = [];
  const replicaAt = (base: string, reach: Reachability) => {
    return { store: storeThatCanBeAway(new FileArtefactStore(files), reach), base };
  };
  const store = new ReplicatedArtefactStore({
    replicas: [replicaAt(A, first), replicaAt(B, second)],
    onRepair: (repair) => repairs.push(repair),
  });
  await store.makeDirectory(`${A}/job/chk-1`);
  return { files, store, first, second, repairs };
}

async function write(store: ArtefactStore, path: string, bytes: Uint8Array): Promise<StateHandle> {
  const writer = await store.create(path);
  await writer.write(bytes);
  await writer.close();
  const checksum = crc32c(bytes);
  return { kind: 'file', path, sizeBytes: bytes.length, checksum, scope: 'exclusive' };
}

const BYTES = Uint8Array.from({ length: 100 }, (_, at) => at);

function codeIn(error: unknown): string {
  if (error instanceof OnceproofError || error instanceof FileSystemError) return error.code;
  return String(error);
}

async function codeOf(operation: Promise<unknown>): Promise<string> {
  return operation.then(() => 'done', codeIn);
}

type Damage = (files: CrashableFileSystem, path: string) => Promise<void>;

const DAMAGES: readonly (readonly [ErrorCode, string, Damage])[] = [
  ['OP-E503', 'a flipped bit', async (files, path) => files.damage(path, flipped)],
  ['OP-E502', 'a truncation', async (files, path) => files.damage(path, (b) => b.slice(0, 7))],
  [
    'OP-E502',
    'nothing left in it',
    async (files, path) => files.damage(path, (b) => b.slice(0, 0)),
  ],
  ['OP-E501', 'its absence', (files, path) => files.remove(path)],
  ['OP-E503', 'something added', async (files, path) => files.damage(path, doubled)],
];

function flipped(bytes: Uint8Array): Uint8Array {
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 4;
  return bytes;
}

function doubled(bytes: Uint8Array): Uint8Array {
  return Uint8Array.of(...bytes, ...bytes);
}

for (const [code, what, damage] of DAMAGES) {
  for (const [name, base] of [
    ['first', A],
    ['second', B],
  ] as const) {
    test(`${what} in the ${name} copy: the other one is read, and the copy repaired`, async (t) => {
      const { files, store, repairs } = await world();
      const handle = await write(store, `${A}/${NAME}`, BYTES);
      await damage(files, `${base}/${NAME}`);
      t.deepEqual(await readArtefact(store, handle), BYTES);
      // Nobody has looked at the second copy then.
      t.is(repairs.length, base === A ? 1 : 0);
      if (base === B) return;
      const isMissing = code === 'OP-E501';
      t.like(repairs[0], { place: `${A}/${NAME}`, isRepaired: true });
      t.true(repairs[0]?.problem.includes(isMissing ? 'ENOENT' : code));
      files.crash();
      t.deepEqual(await files.read(`${A}/${NAME}`), BYTES, 'the repair is durable');
      await readArtefact(store, handle);
      t.is(repairs.length, 1);
    });
  }

  test(`${what} in both copies is refused by its name`, async (t) => {
    const { files, store, repairs } = await world();
    const handle = await write(store, `${A}/${NAME}`, BYTES);
    await damage(files, `${A}/${NAME}`);
    await damage(files, `${B}/${NAME}`);
    const error = await t.throwsAsync(readArtefact(store, handle), { instanceOf: OnceproofError });
    t.is(error?.code, code);
    t.is(error?.place, `${A}/${NAME}`);
    t.is(repairs.length, 0);
  });
}

test('a repair that fails is told, and the read succeeds', async (t) => {
  const { files, store, repairs } = await world();
  const handle = await write(store, `${A}/${NAME}`, BYTES);
  files.damage(`${A}/${NAME}`, flipped);
  files.failNext('create', /disk-a/, 'ENOSPC');
  t.deepEqual(await readArtefact(store, handle), BYTES);
  t.is(repairs[0]?.isRepaired, false);
  t.deepEqual(await readArtefact(store, handle), BYTES);
  t.is(repairs[1]?.isRepaired, true);
});

test('a place that was lost altogether is filled again as it is read', async (t) => {
  const { files, store } = await world();
  const handle = await write(store, `${A}/${NAME}`, BYTES);
  await new FileArtefactStore(files).removeTree(A);
  t.deepEqual(await readArtefact(store, handle), BYTES);
  t.deepEqual(await files.read(`${A}/${NAME}`), BYTES);
});

test('a second place that was lost altogether takes new artefacts again', async (t) => {
  const { files, store } = await world();
  await new FileArtefactStore(files).removeTree(B);
  const handle = await write(store, `${A}/${NAME}`, BYTES);
  t.deepEqual(await files.read(`${B}/${NAME}`), BYTES);
  t.deepEqual(await readArtefact(store, handle), BYTES);
  // Of a checkpoint that the first place does not have any more there is nothing to be written.
  await store.removeTree(`${A}/job/chk-1`);
  t.is(await codeOf(store.create(`${A}/job/chk-1/op-2`)), 'ENOENT');
  t.deepEqual(files.paths(), []);
});

test('a write counts only if both have it; what failed leaves nothing', async (t) => {
  const { files, store, second } = await world();
  second.isAway = true;
  t.is(await codeOf(store.create(`${A}/${NAME}`)), 'EIO');
  second.isAway = false;
  const writer = await store.create(`${A}/${NAME}`);
  await writer.write(BYTES);
  files.failNext('sync', /disk-b/);
  t.is(await codeOf(writer.close()), 'EIO');
  t.deepEqual(files.paths(), []);
});

test('while one is away the other is read, and what exists stays unsaid', async (t) => {
  const { store, first, second, repairs } = await world();
  const handle = await write(store, `${A}/${NAME}`, BYTES);
  for (const reach of [first, second]) {
    reach.isAway = true;
    t.deepEqual(await readArtefact(store, handle), BYTES);
    for (const unsaid of [store.list(`${A}/job`), store.status(`${A}/${METADATA}`)]) {
      t.is(await codeOf(unsaid), 'EIO');
    }
    reach.isAway = false;
  }
  t.is(repairs.length, 0, 'what is away is not damaged');
});

test('damage while the other one is away is no damage yet: it may be read later', async (t) => {
  const { files, store, second } = await world();
  const handle = await write(store, `${A}/${NAME}`, BYTES);
  files.damage(`${A}/${NAME}`, flipped);
  second.isAway = true;
  t.is(await codeOf(readArtefact(store, handle)), 'EIO');
  second.isAway = false;
  t.deepEqual(await readArtefact(store, handle), BYTES);
});

test('what reached the first one alone is published, and confirm() completes it', async (t) => {
  const { files, store, second } = await world();
  files.failNext('link', /disk-b/);
  t.is(await codeOf(store.publish(`${A}/${METADATA}`, BYTES, 'x')), 'EIO');
  t.deepEqual(await store.status(`${A}/${METADATA}`), { kind: 'file', sizeBytes: 100 });
  second.isAway = true;
  t.is(await codeOf(store.confirm(`${A}/${METADATA}`)), 'EIO', 'it is relied on by all or none');
  second.isAway = false;
  await store.confirm(`${A}/${METADATA}`);
  files.crash();
  for (const base of [A, B]) t.deepEqual(await files.read(`${base}/${METADATA}`), BYTES);
});

test('publishing the same again is fine; other bytes are certainly not published', async (t) => {
  const { files, store } = await world();
  const path = `${A}/${METADATA}`;
  await store.publish(path, BYTES, 'x');
  await t.notThrowsAsync(store.publish(path, BYTES, 'y'));
  t.is(await codeOf(store.publish(path, doubled(BYTES), 'y')), 'OP-E507');
  await files.remove(path);
  t.is(await codeOf(store.publish(path, doubled(BYTES), 'y')), 'OP-E507', 'the second one knows');
  await t.notThrowsAsync(store.publish(path, BYTES, 'y'));
  t.deepEqual(await files.read(path), BYTES);
});

test('a crash at any call of publish(): nobody has it, or confirm() gives it to all', async (t) => {
  const path = `${A}/${METADATA}`;
  const { files: counted, store: whole } = await world();
  const before = counted.calls.length;
  await whole.publish(path, BYTES, 'x');
  const calls = counted.calls.slice(before);
  t.true(calls.length > 8);
  let outcomes = '';
  for (const [index, call] of calls.entries()) {
    const { files, store } = await world();
    const [operation = '', at = ''] = call.split(' ');
    const skipped = calls.slice(0, index).filter((one) => one === call).length;
    // The same call may come twice: then the second one is reached by way of another path.
    if (skipped > 0) continue;
    files.failNext(operation as 'read', new RegExp(`^${at}$`));
    await codeOf(store.publish(path, BYTES, 'x'));
    files.crash();
    const isThere = (await store.status(path)) !== undefined;
    outcomes += isThere ? '1' : '0';
    if (!isThere) continue;
    await store.confirm(path);
    files.crash();
    for (const base of [A, B]) t.deepEqual(await files.read(`${base}/${METADATA}`), BYTES, call);
  }
  t.regex(outcomes, /^0+1+$/);
});

test('removing reaches both, and says whether there was anything', async (t) => {
  const { files, store, second } = await world();
  await write(store, `${A}/${NAME}`, BYTES);
  second.isAway = true;
  t.is(await codeOf(store.unpublish(`${A}/${NAME}`)), 'EIO');
  second.isAway = false;
  t.true(await store.unpublish(`${A}/${NAME}`));
  t.false(await store.unpublish(`${A}/${NAME}`));
  await write(store, `${A}/${NAME}`, BYTES);
  await store.removeTree(`${A}/job`);
  t.deepEqual(files.paths(), []);
});

test('what lies outside of the base is the first one’s alone', async (t) => {
  const { files, store } = await world();
  await store.makeDirectory('/savepoints/s');
  const handle = await write(store, '/savepoints/s/op', BYTES);
  t.deepEqual(files.paths(), ['/savepoints/s/op']);
  t.deepEqual(await readArtefact(store, handle), BYTES);
});

test('encrypted replicas: damage is found, and repaired with the same bytes', async (t) => {
  const { files, store: inner, repairs } = await world();
  let calls = 0;
  const randomBytes = (length: number): Uint8Array => new Uint8Array(length).fill(++calls);
  const key = (): { id: string; bytes: Uint8Array } => ({ id: 'k', bytes: new Uint8Array(32) });
  const cipher = new ArtefactCipher({ encryption: { key }, randomBytes });
  const store = new EncryptedArtefactStore(inner, cipher);
  const handle = await write(store, `${A}/${NAME}`, BYTES);
  const sealed = await files.read(`${A}/${NAME}`);
  t.notDeepEqual(sealed, BYTES);
  for (const damage of [flipped, doubled, (bytes: Uint8Array) => bytes.slice(0, 130)]) {
    files.damage(`${A}/${NAME}`, damage);
    t.deepEqual(await readArtefact(store, handle), BYTES);
    t.deepEqual(await files.read(`${A}/${NAME}`), sealed);
  }
  t.is(repairs.length, 3);
});

test('whatever is done to one copy of each file, all are read as they were written', async (t) => {
  const damage = fc.tuple(fc.nat(4), fc.nat(3), fc.boolean());
  await fc.assert(
    fc.asyncProperty(fc.array(damage, { maxLength: 12 }), async (damages) => {
      const { files, store } = await world();
      const handles: StateHandle[] = [];
      for (let index = 0; index < 4; index++) {
        const bytes = BYTES.map((byte) => byte ^ index);
        handles.push(await write(store, `${A}/job/chk-1/op-${index}`, bytes));
      }
      for (const [kind, index, isFirst] of damages) {
        const path = `${isFirst ? A : B}/job/chk-1/op-${index}`;
        const damaged = await DAMAGES[kind]?.[2](files, path).then(() => true);
        t.true(damaged);
        // Read before the next damage strikes: with both copies gone nothing would be left.
        const other = `${isFirst ? B : A}/job/chk-1/op-${index}`;
        const handle = handles[index] as StateHandle;
        t.deepEqual(await readArtefact(store, handle), await files.read(other));
        if (!isFirst) await files.write(path, await files.read(other));
        else t.deepEqual(await files.read(path), await files.read(other));
      }
    }),
    { numRuns: 40 },
  );
});
