// Takes restored timers out of the store for a job that keeps its timers on the heap: they become
// blocks of the savepoint format, which wait until their queue is asked for. The other way round
// nothing is to be done ahead.

import { assert } from '../../../core/assert.ts';
import { sometimes } from '../../../core/sometimes.ts';
import type { KeyValueStore } from '../../../environment/key-value-store.ts';
import { ByteWriter } from '../../../stream/byte-writer.ts';
import type { StateMeta } from '../../heap/snapshot-format.ts';
import type { RawBlock } from '../../heap/snapshot-reader.ts';
import type { KeyLayout } from '../key-layout.ts';
import { scanPages } from '../scan-pages.ts';
import type { RegisteredState, StateRegistry } from '../state-registry.ts';
import { readTimerKey, timerContent } from './timer-key.ts';

const PLACE = 'timers of the restored store';

export async function timersToHeap(
  store: KeyValueStore,
  layout: KeyLayout,
  registry: StateRegistry,
): Promise<readonly RawBlock[]> {
  const blocks: RawBlock[] = [];
  for (const state of registry.timers) {
    for (const block of await takeOut(store, layout, state)) blocks.push(block);
    state.mayHaveEntries = false;
  }
  sometimes(blocks.length > 0, 'timers of a RocksDB backend move to the heap');
  return blocks;
}

/** One block of each key group; namespaces that disagree are refused when the queue is opened. */
async function takeOut(
  store: KeyValueStore,
  layout: KeyLayout,
  state: RegisteredState,
): Promise<readonly RawBlock[]> {
  const contents = new Map<number, { readonly writer: ByteWriter; count: number }>();
  await scanPages(store, layout.rangeOfState(state.id), async (page) => {
    for (const { key } of page) {
      const { keyGroup } = readTimerKey(layout, key);
      const content = contents.get(keyGroup) ?? { writer: new ByteWriter(), count: 0 };
      contents.set(keyGroup, content);
      content.writer.writeRaw(timerContent(layout, key, content.count++));
    }
    await store.write(page.map(({ key }) => ({ key, value: undefined })));
  });
  const metas = metasOf(state);
  return [...contents].flatMap(([keyGroup, { writer, count }]) => {
    const bytes = writer.take();
    return metas.map((meta, index): RawBlock => {
      const isFirst = index === 0;
      const content = isFirst ? { count, bytes } : { count: 0, bytes: new Uint8Array(0) };
      return { meta, keyGroup, ...content, place: PLACE };
    });
  });
}

function metasOf({ name, namespaces, schemas }: RegisteredState): readonly StateMeta[] {
  const content = schemas[0]?.content;
  assert(content !== undefined, `Cannot take timers of "${name}" out: they have no schema`);
  return namespaces.map((namespace) => ({ kind: 'timers', name, namespace, content }));
}
