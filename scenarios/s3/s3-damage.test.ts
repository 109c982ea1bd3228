// Objects that the server's disk has altered, shortened or lost: the store hands on what it gets,
// and the engine's own checks name it.

import test from 'ava';
import { readArtefact } from '../../engine/checkpoint/read-artefact.ts';
import { crc32c } from '../../engine/core/crc32c.ts';
import { OnceproofError } from '../../engine/core/errors.ts';
import { bytesOf, fails } from '../../engine/environment/vocabulary.contract.ts';
import type { StateHandle } from '../../engine/state/state-handle.ts';
import type { SimulatedDisk } from '../../simulator/filesystem/simulated-disk.ts';
import { locateObject, type ObjectPlace } from '../../simulator/services/s3/locate-object.ts';
import { startS3World } from './s3-world.ts';

interface Damage {
  readonly name: string;
  readonly code: 'OP-E501' | 'OP-E502' | 'OP-E503' | undefined;
  readonly apply: (disk: SimulatedDisk, place: ObjectPlace, other: ObjectPlace) => void;
}

const DAMAGES: readonly Damage[] = [
  { name: 'no damage', code: undefined, apply: () => undefined },
  {
    name: 'a flipped bit',
    code: 'OP-E503',
    apply: (disk, { path, bodyOffset }) => disk.flipBit(path, 8 * (bodyOffset + 17) + 3),
  },
  {
    name: 'a lost end',
    code: 'OP-E502',
    apply: (disk, { path, bodyOffset }) => disk.truncateTo(path, bodyOffset + 40),
  },
  {
    name: 'all bytes lost',
    code: 'OP-E502',
    apply: (disk, { path, bodyOffset }) => disk.truncateTo(path, bodyOffset),
  },
  {
    name: 'a lost file',
    code: 'OP-E501',
    apply: (disk, { path }) => disk.removeFile(path),
  },
  {
    name: 'the bytes of another object',
    code: 'OP-E503',
    apply: (disk, { path }, other) => disk.swap(path, other.path),
  },
];

for (const { name, code, apply } of DAMAGES) {
  test(`an object with ${name} is ${code ?? 'read as it was'}`, async (t) => {
    const { store: open, settle, disk } = await startS3World();
    const store = open(undefined, { partBytes: 1_000_000 });
    const bytes = bytesOf('state '.repeat(20));
    await settle(store.publish('/other', bytesOf('other '.repeat(20))));
    await settle(store.publish('/state', bytes));
    const files = disk.snapshotView().readAll('/s3/');
    const place = locateObject(files, 'bucket', 'flights/state');
    const other = locateObject(files, 'bucket', 'flights/other');
    if (place === undefined || other === undefined) {
      t.fail('the objects are on the disk');
      return;
    }
    t.is(place.sizeBytes, bytes.length);
    apply(disk, place, other);
    const handle: StateHandle = {
      kind: 'file',
      path: '/state',
      sizeBytes: bytes.length,
      checksum: crc32c(bytes),
      scope: 'exclusive',
    };
    const reading = settle(readArtefact(store, handle));
    if (code === undefined) t.deepEqual(await reading, bytes);
    else t.is((await t.throwsAsync(reading, { instanceOf: OnceproofError }))?.code, code);
  });
}

test('a record that is damaged beyond recognition is lost, and no other with it', async (t) => {
  const { store: open, settle, disk, crashServer } = await startS3World();
  const store = open(undefined, { attempts: 12 });
  await settle(store.publish('/a', bytesOf('a')));
  await settle(store.publish('/b', bytesOf('b')));
  const place = locateObject(disk.snapshotView().readAll('/s3/'), 'bucket', 'flights/a');
  disk.flipBit(place?.path ?? '', 6);
  crashServer();
  await fails(t, 'ENOENT', settle(store.read('/a')));
  t.deepEqual(await settle(store.read('/b')), bytesOf('b'));
  await settle(store.publish('/a', bytesOf('anew')));
  crashServer();
  t.deepEqual(await settle(store.read('/a')), bytesOf('anew'));
});
