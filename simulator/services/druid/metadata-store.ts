// Tasks and segments as they stand, by applying records one after the other. Which segments count
// for what: used ones, and of those that cover the same time the newest version alone.

import { present } from '../../../engine/core/assert.ts';
import { contains, type Interval, intervalText, overlaps } from './intervals.ts';
import type { DruidRecord, Segment, Task, TaskEnd } from './records.ts';

export interface KnownTask {
  readonly task: Task;
  /** Undefined: active. */
  readonly end: TaskEnd | undefined;
  readonly hasPublished: boolean;
}

interface KnownSegment {
  readonly segment: Segment;
  readonly isUsed: boolean;
}

export class MetadataStore {
  readonly #tasks = new Map<string, KnownTask>();
  readonly #segments = new Map<string, KnownSegment>();

  apply(record: DruidRecord): void {
    switch (record.kind) {
      case 'submitted': {
        const { task } = record;
        this.#tasks.set(task.id, { task, end: undefined, hasPublished: false });
        return;
      }
      case 'published':
        for (const segment of record.segments) {
          this.#segments.set(segment.id, { segment, isUsed: true });
        }
        this.#tasks.set(record.id, { ...this.#task(record.id), hasPublished: true });
        return;
      case 'ended':
        this.#tasks.set(record.id, { ...this.#task(record.id), end: record.end });
        return;
      case 'unused':
        for (const id of record.segments) this.#markUnused(id);
        return;
      case 'killed':
        for (const id of record.segments) this.#segments.delete(id);
        return;
    }
  }

  task(id: string): KnownTask | undefined {
    return this.#tasks.get(id);
  }

  /** In the order in which they were submitted. */
  tasks(): readonly KnownTask[] {
    return [...this.#tasks.values()];
  }

  /** Overshadowed ones included. */
  used(datasource: string, within?: Interval): readonly Segment[] {
    return this.#known(datasource, within, overlaps).flatMap(({ segment, isUsed }) =>
      isUsed ? segment : [],
    );
  }

  /** Those that lie wholly in the interval: what is marked and killed. */
  inside(datasource: string, outer: Interval, isUsed: boolean): readonly Segment[] {
    return this.#known(datasource, outer, (inner) => contains(outer, inner)).flatMap((known) =>
      known.isUsed === isUsed ? known.segment : [],
    );
  }

  /** Highest partition number so far, used or not: an id is never given twice. */
  lastPartition(datasource: string, interval: Interval, version: string): number {
    const text = intervalText(interval);
    const taken = this.#known(datasource, interval, overlaps)
      .map(({ segment }) => segment)
      .filter((segment) => segment.version === version && intervalText(segment.interval) === text);
    return Math.max(-1, ...taken.map(({ partition }) => partition));
  }

  datasources(): ReadonlySet<string> {
    return new Set([...this.#segments.values()].map(({ segment }) => segment.datasource));
  }

  /** The newest version of anything: later ones must be greater. */
  newestVersion(): string {
    let newest = '';
    for (const { segment } of this.#segments.values()) {
      if (segment.version > newest) newest = segment.version;
    }
    return newest;
  }

  #known(
    datasource: string,
    within: Interval | undefined,
    matches: (inner: Interval, outer: Interval) => boolean,
  ): readonly KnownSegment[] {
    return [...this.#segments.values()].filter(
      ({ segment }) =>
        segment.datasource === datasource &&
        (within === undefined || matches(segment.interval, within)),
    );
  }

  #task(id: string): KnownTask {
    return present(this.#tasks.get(id), `Cannot change task "${id}": it was never submitted`);
  }

  #markUnused(id: string): void {
    const known = this.#segments.get(id);
    if (known !== undefined) this.#segments.set(id, { ...known, isUsed: false });
  }
}

/** Of segments that cover the same time, those of the newest version. */
export function visibleOf(segments: readonly Segment[]): readonly Segment[] {
  const newest = new Map<string, string>();
  for (const { interval, version } of segments) {
    const key = intervalText(interval);
    if (version > (newest.get(key) ?? '')) newest.set(key, version);
  }
  return segments.filter(({ interval, version }) => newest.get(intervalText(interval)) === version);
}
