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
      const blocks = new BlockWriter(frame, metas);
      const maps = state.kind === 'map' ? new MapEntries(blocks) : undefined;
      const range = this.#layout.rangeOfGroup(state.id, keyGroup);
      await scanPages(this.#store, range, async (page) => {
        for (const entry of page) {
          const piece = this.#take(entry, state);
          if (maps === undefined)
            blocks.add(piece.schema, [piece.namespace, piece.key, piece.head, piece.content]);
          else maps.add(piece);
          if (frame.isFull) await blocks.flush();
        }
      });
      maps?.end();
      blocks.close();
      if (frame.isFull) await frame.flush();
    }
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
