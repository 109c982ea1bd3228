// Blocks of tables in memory, decoded: the ones used last, up to a size. A pinned cache holds all
// blocks of all tables, so that reading needs no file.

import { present } from '../../../engine/core/assert.ts';
import type { Entry } from './entry.ts';
import type { BlockRequest, Plan, Table } from './read-plan.ts';

type Block = readonly Entry[];
type ReadBlock = (request: BlockRequest) => Promise<Block>;

export class BlockCache {
  readonly #read: ReadBlock;
  readonly #capacityBytes: number;
  readonly #blocks = new Map<string, { readonly entries: Block; readonly sizeBytes: number }>();
  #sizeBytes = 0;

  /** Without a capacity it is pinned. */
  constructor(read: ReadBlock, capacityBytes = Number.POSITIVE_INFINITY) {
    this.#read = read;
    this.#capacityBytes = capacityBytes;
  }

  get isPinned(): boolean {
    return this.#capacityBytes === Number.POSITIVE_INFINITY;
  }

  /** Follows a plan, reading what is missing. */
  async follow<T>(plan: Plan<T>): Promise<T> {
    let step = plan.next();
    while (step.done !== true) {
      step = plan.next(this.#find(step.value) ?? (await this.#load(step.value)));
    }
    return step.value;
  }

  /** Follows a plan over tables that are all pinned. */
  followNow<T>(plan: Plan<T>): T {
    let step = plan.next();
    while (step.done !== true) {
      step = plan.next(present(this.#find(step.value), 'Cannot read a block that was not pinned'));
    }
    return step.value;
  }

  /** Reads all blocks of a new table, if the cache is pinned. */
  async pin(table: Table): Promise<void> {
    if (!this.isPinned) return;
    for (const index of table.blocks.keys()) await this.#load({ table, index });
  }

  drop(table: Table): void {
    for (const index of table.blocks.keys()) this.#remove(nameOf({ table, index }));
  }

  #find(request: BlockRequest): Block | undefined {
    const name = nameOf(request);
    const block = this.#blocks.get(name);
    if (block === undefined) return undefined;
    // A map keeps the order of insertion: the first block is the one that was not used for longest.
    this.#blocks.delete(name);
    this.#blocks.set(name, block);
    return block.entries;
  }

  async #load(request: BlockRequest): Promise<Block> {
    const entries = await this.#read(request);
    const sizeBytes = request.table.blocks[request.index]?.sizeBytes ?? 0;
    this.#blocks.set(nameOf(request), { entries, sizeBytes });
    this.#sizeBytes += sizeBytes;
    for (const name of this.#blocks.keys()) {
      if (this.#sizeBytes <= this.#capacityBytes) break;
      this.#remove(name);
    }
    return entries;
  }

  #remove(name: string): void {
    this.#sizeBytes -= this.#blocks.get(name)?.sizeBytes ?? 0;
    this.#blocks.delete(name);
  }
}

function nameOf({ table, index }: BlockRequest): string {
  return `${table.info.number}/${index}`;
}
