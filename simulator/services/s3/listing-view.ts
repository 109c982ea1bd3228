// What listings show of a bucket. With a staleness of 0 everything at once, as AWS does since 2020;
// otherwise every change shows after a time of its own, within that bound, as at stores that list
// from an index. Reads and conditions never go by it. A restart of the server brings it up to date.

import type { Clock } from '../../../engine/environment/clock.ts';
import type { Random } from '../../../engine/environment/random.ts';
import type { ObjectStore } from './object-store.ts';
import { nameOf, type ObjectHeader } from './record-kinds.ts';

export interface ListingViewOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly staleMs: number;
}

interface Pending {
  readonly shown: ObjectHeader | undefined;
  readonly untilMs: number;
}

export class ListingView {
  readonly #options: ListingViewOptions;
  readonly #pending = new Map<string, Pending>();
  #store: ObjectStore | undefined;

  constructor(options: ListingViewOptions) {
    this.#options = options;
  }

  showing(store: ObjectStore): void {
    this.#store = store;
  }

  changed(name: string, before: ObjectHeader | undefined): void {
    const { clock, random, staleMs } = this.#options;
    if (staleMs === 0) return;
    const pending = this.#pending.get(name);
    const isStale = pending !== undefined && pending.untilMs > clock.now();
    const shown = isStale ? pending.shown : before;
    this.#pending.set(name, { shown, untilMs: clock.now() + random.below(staleMs + 1) });
  }

  objectsOf(bucket: string): readonly ObjectHeader[] {
    const now = this.#options.clock.now();
    const objects = new Map(
      (this.#store?.objectsOf(bucket) ?? []).map((object) => [nameOf(bucket, object.key), object]),
    );
    for (const [name, { shown, untilMs }] of this.#pending) {
      if (untilMs <= now) this.#pending.delete(name);
      else if (shown === undefined) objects.delete(name);
      else if (shown.bucket === bucket) objects.set(name, shown);
    }
    return [...objects.values()];
  }
}
