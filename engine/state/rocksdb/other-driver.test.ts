// An incremental checkpoint knows which driver made its files: another one refuses them by name,
// and reads a savepoint instead. What was stored before drivers were recorded is read as it was.

import test from 'ava';

import { crc32c } from '../../core/crc32c.ts';
import { ByteWriter } from '../../stream/byte-writer.ts';
import { keyGroupOf } from '../key-groups.ts';
import type { KeyedStateBackend } from '../state-backend.ts';
import type { IncrementalStateHandle, KeyedStateHandle } from '../state-handle.ts';
import { batch, type OpenSubtask, RocksDBWorld } from '../testing/rocksdb-world.ts';
import { VOID } from '../testing/state-world.ts';

const MADE_BY = 'rocksdb-native';
/** Its own files are taken over, or one half of them is copied. */
const RESTORES = [
  ['the same key groups', [0, 1]],
  ['a part of the key groups', [1, 2]],
] as const;
const KEYS = Array.from({ length: 40 }, (_, index) => `user-${index}`);
const VALUE = 7;
/** Magic and version. */
const DRIVER_OFFSET = 5;

function worldOf(driver: string): RocksDBWorld {
  return new RocksDBWorld({ incremental: true, driver });
}

function counts(backend: KeyedStateBackend) {
  return backend.valueState<'void', number>({ kind: 'value', name: 'count' }, VOID);
}

async function checkpointed(): Promise<{
  readonly checkpoint: IncrementalStateHandle;
  readonly savepoint: KeyedStateHandle;
}> {
  const world = worldOf(MADE_BY);
  const backend = await world.open();
  await batch(backend, KEYS, () => counts(backend).update(VALUE));
  const checkpoint = await world.snapshot(backend);
  const savepoint = await world.snapshot(backend, world.savepoints);
  if (checkpoint.kind !== 'incremental') throw new Error(`a handle of kind ${checkpoint.kind}`);
  return { checkpoint, savepoint };
}

/** How many keys have what they had. */
async function restored(driver: string, options: OpenSubtask): Promise<number> {
  const world = worldOf(driver);
  const backend = await world.open(options);
  const { first, last } = backend.range;
  const own = KEYS.filter((key) => {
    const group = keyGroupOf(key, world.maxParallelism);
    return group >= first && group <= last;
  });
  let found = 0;
  await batch(backend, own, () => {
    if (counts(backend).value() === VALUE) found += 1;
  });
  await backend.dispose();
  return found;
}

/** The description of the store as version 1 had it: without the driver. */
function asVersion1(handle: IncrementalStateHandle): IncrementalStateHandle {
  const { meta } = handle;
  if (meta.kind !== 'inline') throw new Error(`a handle of kind ${meta.kind}`);
  const driver = new ByteWriter();
  driver.writeString(MADE_BY);
  const rest = meta.bytes.subarray(DRIVER_OFFSET + driver.take().length);
  const bytes = Uint8Array.of(...meta.bytes.subarray(0, DRIVER_OFFSET - 1), 1, ...rest);
  const state = {
    kind: 'inline',
    bytes,
    sizeBytes: bytes.length,
    checksum: crc32c(bytes),
  } as const;
  return { ...handle, meta: state };
}

for (const [title, subtask] of RESTORES) {
  test(`its own driver goes on from ${title}`, async (t) => {
    const { checkpoint } = await checkpointed();
    t.true((await restored(MADE_BY, { subtask, restore: [checkpoint] })) > 0);
  });

  test(`another driver refuses ${title}, and says what to do`, async (t) => {
    const { checkpoint } = await checkpointed();
    const error = await t.throwsAsync(restored('rocksdb-js', { subtask, restore: [checkpoint] }), {
      code: 'OP-E585',
    });
    t.regex(error?.message ?? '', /"rocksdb-native".*"rocksdb-js"/);
    t.regex(String(Reflect.get(error ?? {}, 'remedy')), /take a savepoint/);
  });

  test(`another driver reads a savepoint of ${title}`, async (t) => {
    const { savepoint } = await checkpointed();
    t.true((await restored('rocksdb-js', { subtask, restore: [savepoint] })) > 0);
  });

  test(`a checkpoint of version 1 is read for ${title}, by whatever driver`, async (t) => {
    const { checkpoint } = await checkpointed();
    const old = asVersion1(checkpoint);
    for (const driver of [MADE_BY, 'rocksdb-js']) {
      t.true((await restored(driver, { subtask, restore: [old] })) > 0);
    }
  });
}
