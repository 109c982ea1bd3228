// A state with a row of fixed size for each of many keys, for benchmarks of checkpoints. Rows do
// not compress: their bytes are drawn.

import type { KeyedStateBackend } from '../../state/state-backend.ts';
import { bytesSerializer } from '../../stream/serializers/bytes-serializer.ts';
import { longSerializer } from '../../stream/serializers/primitive-serializers.ts';
import { voidNamespaceSerializer } from '../../stream/serializers/void-namespace.ts';
import type { TypeSerializer } from '../../stream/type-serializer.ts';

export const VALUE_BYTES = 32;
const BATCH = 1_000;

export const longKeys = longSerializer as TypeSerializer<unknown>;

export function rowOf(backend: KeyedStateBackend) {
  return backend.valueState<'void', Uint8Array>(
    { kind: 'value', name: 'row', serializer: bytesSerializer },
    voidNamespaceSerializer,
  );
}

export interface ChosenKeys {
  readonly first: number;
  readonly count: number;
  readonly step: number;
}

/** Writes new rows for these keys, in batches. */
export async function fill(backend: KeyedStateBackend, chosen: ChosenKeys): Promise<void> {
  const row = rowOf(backend);
  const { first, count, step } = chosen;
  const keys = Array.from({ length: count }, (_, index) => first + index * step);
  await inBatches(backend, keys, () => row.update(drawnRow()));
}

/** How many of these keys have a row. */
export async function countRows(
  backend: KeyedStateBackend,
  keys: readonly number[],
): Promise<number> {
  const row = rowOf(backend);
  let found = 0;
  await inBatches(backend, keys, () => {
    if (row.value()?.length === VALUE_BYTES) found += 1;
  });
  return found;
}

/** As the runtime does it: all keys of a batch are prepared before the first is used. */
async function inBatches(
  backend: KeyedStateBackend,
  keys: readonly number[],
  use: (key: number) => void,
): Promise<void> {
  for (let start = 0; start < keys.length; start += BATCH) {
    const batch = keys.slice(start, start + BATCH);
    const pending = backend.prepare?.(batch);
    if (pending !== undefined) await pending;
    for (const key of batch) {
      backend.setCurrentKey(key);
      use(key);
    }
  }
}

let drawn = 1;

function drawnRow(): Uint8Array {
  const words = new Uint32Array(VALUE_BYTES / 4);
  for (let index = 0; index < words.length; index++) {
    drawn = (Math.imul(drawn, 1_664_525) + 1_013_904_223) >>> 0;
    words[index] = drawn;
  }
  return new Uint8Array(words.buffer);
}
