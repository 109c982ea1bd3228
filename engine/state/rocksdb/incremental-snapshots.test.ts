// What an incremental snapshot uploads, what it only refers to, and what it leaves on the disk.

import test from 'ava';

import { OnceproofError } from '../../core/errors.ts';
import { checkpointId } from '../../core/ids.ts';
import { longSerializer } from '../../stream/serializers/primitive-serializers.ts';
import type { KeyedStateBackend } from '../state-backend.ts';
import type { IncrementalStateHandle, KeyedStateHandle, StateHandle } from '../state-handle.ts';
import { readMemoryHandle } from '../testing/memory-streams.ts';
import { batch, RocksDBWorld } from '../testing/rocksdb-world.ts';
import { VOID } from '../testing/state-world.ts';

function counts(backend: KeyedStateBackend) {
  const descriptor = { kind: 'value', name: 'count', serializer: longSerializer } as const;
  return backend.valueState<'void', number>(descriptor, VOID);
}

function incremental(handle: KeyedStateHandle | undefined): IncrementalStateHandle {
  if (handle?.kind !== 'incremental') throw new Error(`a handle of kind ${handle?.kind}`);
  return handle;
}

async function write(backend: KeyedStateBackend, value: number, ...keys: number[]) {
  await batch(backend, keys, () => counts(backend).update(value));
}

/** Two checkpoints have a file in common if they have its handle in common. */
function sharedWith(handle: IncrementalStateHandle, ...earlier: IncrementalStateHandle[]) {
  const known = new Set<StateHandle>(earlier.flatMap(({ shared }) => shared.map((f) => f.state)));
  return handle.shared.filter(({ state }) => known.has(state)).map(({ name }) => name);
}

async function threeCheckpoints() {
  const world = new RocksDBWorld();
  const backend = await world.open();
  const take = async (value: number, key: number) => {
    await write(backend, value, key);
    return incremental(await world.snapshot(backend));
  };
  return { world, backend, take };
}

test('a file is uploaded once, and then referred to', async (t) => {
  const { world, backend, take } = await threeCheckpoints();
  const first = await take(1, 1);
  backend.notifyCheckpointComplete(checkpointId(1));
  world.streams.opened.length = 0;
  const second = await take(2, 2);
  t.deepEqual(world.streams.opened, ['shared 000002.sst', 'exclusive MANIFEST', 'exclusive meta']);
  t.deepEqual(
    second.shared.map(({ name }) => name),
    ['000001.sst', '000002.sst'],
  );
  t.deepEqual(sharedWith(second, first), ['000001.sst']);
  t.true(second.exclusive.every(({ state }) => state !== first.exclusive[0]?.state));
});

test('an unchanged store uploads no table', async (t) => {
  const { world, backend, take } = await threeCheckpoints();
  await take(1, 1);
  backend.notifyCheckpointComplete(checkpointId(1));
  world.streams.opened.length = 0;
  await world.snapshot(backend);
  t.deepEqual(world.streams.opened, ['exclusive MANIFEST', 'exclusive meta']);
});

test('only the last completed checkpoint is a base', async (t) => {
  const { backend, take } = await threeCheckpoints();
  const first = await take(1, 1);
  const second = await take(2, 2);
  t.deepEqual(sharedWith(second, first), [], 'the first is not complete');
  backend.notifyCheckpointComplete(checkpointId(2));
  backend.notifyCheckpointComplete(checkpointId(1));
  const third = await take(3, 3);
  t.deepEqual(sharedWith(third, first), [], 'a late notification moves nothing back');
  t.deepEqual(sharedWith(third, second), ['000001.sst', '000002.sst']);
  backend.notifyCheckpointAborted(checkpointId(3));
  backend.notifyCheckpointComplete(checkpointId(3));
  const fourth = await take(4, 4);
  t.deepEqual(sharedWith(fourth, third).length, 2, 'what was aborted is forgotten');
  t.deepEqual(sharedWith(fourth, second), ['000001.sst', '000002.sst']);
});

test('the base is the one at the beginning of a snapshot', async (t) => {
  const { world, backend, take } = await threeCheckpoints();
  await take(1, 1);
  world.streams.hold();
  const running = world.start(backend);
  backend.notifyCheckpointComplete(checkpointId(1));
  world.streams.release();
  const second = incremental(await running);
  t.deepEqual(second.shared.length, 1);
  t.deepEqual(world.streams.opened.filter((each) => each.startsWith('shared')).length, 2);
});

test('a savepoint stands on its own and is no base', async (t) => {
  const { world, backend, take } = await threeCheckpoints();
  await take(1, 1);
  const savepoint = await world.snapshot(backend, world.savepoints);
  t.is(savepoint.kind, 'key-groups');
  t.deepEqual(world.savepoints.opened, ['exclusive keyed']);
  backend.notifyCheckpointComplete(checkpointId(2));
  world.streams.opened.length = 0;
  await take(2, 2);
  t.true(world.streams.opened.includes('shared 000001.sst'));
});

test('files of a restored checkpoint serve the next, unless they belong to others', async (t) => {
  for (const [mayReuse, expected] of [
    [() => true, ['000001.sst']],
    [() => false, []],
    [undefined, []],
  ] as const) {
    const { world, backend, take } = await threeCheckpoints();
    const first = await take(1, 1);
    await backend.dispose();
    const restored = await world.open({ restore: [first], ...(mayReuse && { mayReuse }) });
    await write(restored, 2, 2);
    const second = incremental(await world.snapshot(restored));
    t.deepEqual(sharedWith(second, first), expected);
    t.not(second.storeId, first.storeId);
    const again = await world.open({ restore: [second] });
    await batch(again, [1, 2], (key) => t.is(counts(again).value(), key));
  }
});

test('after a rescale no file of before is referred to', async (t) => {
  const { world, take } = await threeCheckpoints();
  const first = await take(1, 1);
  const options = { restore: [first], mayReuse: () => true, subtask: [0, 2] } as const;
  const half = await world.open(options);
  const other = await world.open({ ...options, subtask: [1, 2] });
  for (const backend of [half, other]) {
    const handle = await world.start(backend);
    if (handle !== undefined) t.deepEqual(sharedWith(incremental(handle), first), []);
  }
});

test('a file of the same name and another size is another file', async (t) => {
  const { world, backend, take } = await threeCheckpoints();
  const first = await take(1, 1);
  const [file] = first.shared;
  if (file === undefined) return t.fail();
  await backend.dispose();
  const forged = { ...file, state: { ...file.state, sizeBytes: file.state.sizeBytes + 1 } };
  const restored = await world.open({
    restore: [{ ...first, shared: [forged] }],
    mayReuse: () => true,
  });
  const second = incremental(await world.snapshot(restored));
  t.deepEqual(
    second.shared.map(({ state }) => state.sizeBytes),
    [file.state.sizeBytes],
  );
});

test('no local file outlives a snapshot, and none a backend', async (t) => {
  const { world, backend, take } = await threeCheckpoints();
  await take(1, 1);
  await world.snapshot(backend, world.savepoints);
  const left = () => world.filesystem.paths().filter((path) => path.includes('snapshot-'));
  t.deepEqual(left(), []);
  world.streams.failWrites(new OnceproofError('OP-E501', 'disk full'));
  await t.throwsAsync(world.snapshot(backend), { message: 'disk full' });
  t.deepEqual(left(), []);
  t.true(world.filesystem.paths().length > 0);
  await backend.dispose();
  t.deepEqual(world.filesystem.paths(), []);
});

test('what fails locally ends the snapshot and leaves the state as it was', async (t) => {
  const { world, backend, take } = await threeCheckpoints();
  await take(1, 1);
  world.filesystem.failNext('link', /snapshot-/);
  await t.throwsAsync(world.snapshot(backend), { message: /EIO/ });
  world.filesystem.failNext('read', /snapshot-.*MANIFEST/);
  await t.throwsAsync(world.snapshot(backend), { message: /EIO/ });
  t.is(world.streams.discarded, 1);
  const restored = await world.open({ restore: [await world.snapshot(backend)] });
  await batch(restored, [1], () => t.is(counts(restored).value(), 1));
});

test('a missing or damaged file refuses the whole restore and leaves no local file', async (t) => {
  const { world, backend, take } = await threeCheckpoints();
  const handle = await take(1, 1);
  await backend.dispose();
  const artefacts = [handle.meta, ...[...handle.shared, ...handle.exclusive].map((f) => f.state)];
  for (const lost of artefacts) {
    const read = async (state: StateHandle) => {
      if (state === lost) throw new OnceproofError('OP-E501', 'it is missing');
      return readMemoryHandle(state);
    };
    for (const subtask of [
      [0, 1],
      [0, 2],
    ] as const) {
      await t.throwsAsync(world.open({ restore: [handle], read, subtask }), { code: 'OP-E501' });
      t.deepEqual(world.filesystem.paths(), []);
    }
  }
});

test('another format and another version are refused by name', async (t) => {
  const { world, take } = await threeCheckpoints();
  const handle = await take(1, 1);
  const other = await t.throwsAsync(world.open({ restore: [{ ...handle, format: 'forst' }] }), {
    instanceOf: OnceproofError,
    code: 'OP-E408',
  });
  t.regex(other?.message ?? '', /files of a forst store/);
  const heap = await t.throwsAsync(world.openHeap({ restore: [handle] }), {
    instanceOf: OnceproofError,
    code: 'OP-E408',
  });
  t.regex(heap?.remedy ?? '', /state backend "rocksdb", or from a savepoint/);
  const read = async (state: StateHandle) => {
    const bytes = await readMemoryHandle(state);
    return state === handle.meta ? bytes.with(4, 9) : bytes;
  };
  await t.throwsAsync(world.open({ restore: [handle], read }), { code: 'OP-E504' });
});
