// What a NameNode knows of its DataNodes: who is alive and which blocks each one has. It is learnt
// anew by every life of a NameNode, from what the DataNodes report.

import type { Clock } from '../../../engine/environment/clock.ts';
import { HdfsException } from './hdfs-exception.ts';
import type { Inode } from './name-space.ts';

interface DataNodeRecord {
  readonly address: string;
  life: string;
  lastHeardMs: number;
  /** Undefined until this life of it has reported. */
  blocks: Set<number> | undefined;
}

/** Real ones are given up after ten minutes; ours after some missed heartbeats. */
const STALE_AFTER_MS = 30_000;

export class DataNodes {
  readonly #clock: Clock;
  readonly #known = new Map<string, DataNodeRecord>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True if its blocks are not known yet. */
  heard(address: string, life: string): boolean {
    const lastHeardMs = this.#clock.now();
    const known = this.#known.get(address);
    if (known === undefined || known.life !== life) {
      this.#known.set(address, { address, life, lastHeardMs, blocks: undefined });
      return true;
    }
    known.lastHeardMs = lastHeardMs;
    return known.blocks === undefined;
  }

  report(address: string, blocks: readonly number[]): void {
    const known = this.#known.get(address);
    if (known !== undefined) known.blocks = new Set(blocks);
  }

  added(address: string, block: number): void {
    this.#known.get(address)?.blocks?.add(block);
  }

  blocksOf(address: string): Iterable<number> {
    return this.#known.get(address)?.blocks ?? [];
  }

  get reportedCount(): number {
    return [...this.#known.values()].filter(({ blocks }) => blocks !== undefined).length;
  }

  /** Who has the file's first block, or, for new ones, anybody alive. IOException if nobody is. */
  choose(file: Inode | undefined, excluded = ''): string {
    const now = this.#clock.now();
    const alive = [...this.#known.values()].filter(
      ({ lastHeardMs, address }) => now - lastHeardMs < STALE_AFTER_MS && address !== excluded,
    );
    const first = file?.blocks[0]?.id;
    const holder = alive.find(({ blocks }) => first !== undefined && blocks?.has(first) === true);
    const chosen = holder ?? alive[0];
    if (chosen !== undefined) return chosen.address;
    const message = 'Failed to find datanode, suggest to check cluster health.';
    throw new HdfsException('IOException', message);
  }
}
