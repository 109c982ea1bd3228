// Writes what a store holds in the format that every backend reads: entries go from the store into
// the sections of their key groups, a page at a time, and their content as the bytes it is. No
// serializer but that of keys is needed, so states that no job asks for go along.

import { areEqualBytes } from '../../core/bytes.ts';
import { assert } from '../../core/assert.ts';
import type { KeyValueEntry, KeyValueStore } from '../../environment/key-value-store.ts';
import { ByteReader } from '../../stream/byte-reader.ts';
import { ByteWriter } from '../../stream/byte-writer.ts';
import type { StateMeta } from '../heap/snapshot-format.ts';
import type { SnapshotFrame } from '../heap/snapshot-frame.ts';
import type { KeyLayout } from './key-layout.ts';
import { scanPages } from './scan-pages.ts';
import type { StoredState } from './state-registry.ts';
import { timerContent } from './timers/timer-key.ts';

/** One per state and schema. */
interface DescribedState {
  readonly state: StoredState;
  /** Index into the metas of the snapshot, by schema. */
  readonly metas: readonly number[];
}

/** An entry's bytes, taken apart as the heap's format has them. */
interface Piece {
  readonly schema: number;
  readonly namespace: Uint8Array;
  readonly key: Uint8Array;
  /** In front of the content: the element count of a list, the user key of a map entry. */
  readonly head: Uint8Array;
  readonly content: Uint8Array;
}

export class CanonicalSections {
  readonly #store: Pick<KeyValueStore, 'scan'>;
  readonly #layout: KeyLayout;
  readonly #states: readonly DescribedState[];

  /** Adds to `metas` what the sections refer to. */
  constructor(
    store: Pick<KeyValueStore, 'scan'>,
    layout: KeyLayout,
    described: { readonly states: readonly StoredState[]; readonly metas: StateMeta[] },
  ) {
    this.#store = store;
    this.#layout = layout;
    this.#states = described.states.map((state) => ({
      state,
      metas: state.schemas.map(({ content }) => {
        const { kind, name, namespaces } = state;
        const [namespace] = namespaces;
        assert(namespace !== undefined, `Cannot describe state "${name}": it has no namespace`);
        return described.metas.push({ kind, name, namespace, content }) - 1;
      }),
    }));
  }

  async write(keyGroup: number, frame: SnapshotFrame): Promise<void> {
    for (const { state, metas } of this.#states) {
      const entries = this.#entriesOf(state, new BlockWriter(frame, metas));
      const range = this.#layout.rangeOfGroup(state.id, keyGroup);
      await scanPages(this.#store, range, async (page) => {
        for (const entry of page) {
          entries.add(entry);
          if (frame.isFull) await entries.flush();
        }
      });
      entries.end();
      if (frame.isFull) await frame.flush();
    }
  }

  #entriesOf(state: StoredState, blocks: BlockWriter): SectionEntries {
    const { kind } = state;
    if (kind === 'timers') return new TimerEntries(blocks, this.#layout);
    const maps = kind === 'map' ? new MapEntries(blocks) : undefined;
    return {
      add: (entry) => {
        const piece = this.#take(entry, state);
        const { schema, namespace, key, head, content } = piece;
        if (maps === undefined) blocks.add(schema, [namespace, key, head, content]);
        else maps.add(piece);
      },
      flush: () => blocks.flush(),
      end: () => {
        maps?.end();
        blocks.close();
      },
    };
  }

  #take(entry: KeyValueEntry, { kind, name }: StoredState): Piece {
    const { keyStart, keyEnd } = this.#layout.read(entry.key);
    const input = new ByteReader(entry.value, `an entry of state "${name}"`);
    const schema = input.readVarint();
    const rest = entry.key.subarray(keyEnd);
    const namespaceBytes = kind === 'map' ? input.readVarint() : rest.length;
    assert(namespaceBytes <= rest.length, `Cannot read state "${name}": no room for a namespace`);
    const key = entry.key.subarray(keyStart, keyEnd);
    const namespace = rest.subarray(0, namespaceBytes);
    const head = kind === 'list' ? varint(input.readU32()) : rest.subarray(namespaceBytes);
    return { schema, namespace, key, head, content: entry.value.subarray(input.offset) };
  }
}

/** What the entries of one state and key group become, in the order of the store. */
interface SectionEntries {
  add(entry: KeyValueEntry): void;
  flush(): Promise<void>;
  end(): void;
}

/** In the order in which they are due; that is what the number of each says. */
class TimerEntries implements SectionEntries {
  readonly #blocks: BlockWriter;
  readonly #layout: KeyLayout;
  #count = 0;

  constructor(blocks: BlockWriter, layout: KeyLayout) {
    this.#blocks = blocks;
    this.#layout = layout;
  }

  add({ key, value }: KeyValueEntry): void {
    const schema = new ByteReader(value, 'a timer').readVarint();
    this.#blocks.add(schema, [timerContent(this.#layout, key, this.#count++)]);
  }

  flush(): Promise<void> {
    return this.#blocks.flush();
  }

  end(): void {
    this.#blocks.close();
  }
}

/** Entries of one schema go into one block, as long as they come one after the other. */
class BlockWriter {
  readonly #frame: SnapshotFrame;
  readonly #metas: readonly number[];
  #schema = -1;
  #offset = 0;
  #count = 0;

  constructor(frame: SnapshotFrame, metas: readonly number[]) {
    this.#frame = frame;
    this.#metas = metas;
  }

  add(schema: number, parts: readonly Uint8Array[]): void {
    if (schema !== this.#schema) this.#open(schema);
    for (const part of parts) this.#frame.writer.writeRaw(part);
    this.#count++;
  }

  close(): void {
    if (this.#schema >= 0) this.#frame.closeBlock(this.#offset, this.#count);
    this.#schema = -1;
  }

  async flush(): Promise<void> {
    this.close();
    await this.#frame.flush();
  }

  #open(schema: number): void {
    this.close();
    const meta = this.#metas[schema];
    assert(meta !== undefined, `Cannot write an entry: no schema has the number ${schema}`);
    this.#offset = this.#frame.openBlock(meta);
    this.#schema = schema;
    this.#count = 0;
  }
}

/** Entries of one map stand side by side in the store, and become one entry. */
class MapEntries {
  readonly #blocks: BlockWriter;
  readonly #content = new ByteWriter();
  #first: Piece | undefined;
  #count = 0;

  constructor(blocks: BlockWriter) {
    this.#blocks = blocks;
  }

  add(piece: Piece): void {
    const first = this.#first;
    const isSameMap =
      first !== undefined &&
      areEqualBytes(first.key, piece.key) &&
      areEqualBytes(first.namespace, piece.namespace);
    if (!isSameMap) this.#begin(piece);
    else assert(first.schema === piece.schema, 'Cannot write a map: it has values of two schemas');
    this.#content.writeRaw(piece.head);
    this.#content.writeRaw(piece.content);
    this.#count++;
  }

  end(): void {
    const first = this.#first;
    if (first === undefined) return;
    const content = this.#content.take();
    this.#blocks.add(first.schema, [first.namespace, first.key, varint(this.#count), content]);
    this.#first = undefined;
    this.#count = 0;
  }

  #begin(piece: Piece): void {
    this.end();
    this.#first = piece;
  }
}

function varint(value: number): Uint8Array {
  const writer = new ByteWriter(8);
  writer.writeVarint(value);
  return writer.take();
}
