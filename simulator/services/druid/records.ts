// What the simulated Druid keeps: tasks and segments. These records are its metadata store and its
// deep storage in one; whatever is answered to a client is in them first.

import type { Interval } from './intervals.ts';

export type Cell = string | number;
/** By column; a column without a value is absent, which is null. */
export type Row = ReadonlyMap<string, Cell>;

export interface Segment {
  /** Made of all that follows but the rows. */
  readonly id: string;
  readonly datasource: string;
  readonly interval: Interval;
  readonly version: string;
  readonly partition: number;
  readonly rows: readonly Row[];
}

/** 'active' is what Druid calls RUNNING, whether it has begun or waits. */
export type TaskState = 'active' | 'success' | 'failed';

export interface Task {
  readonly id: string;
  readonly type: string;
  readonly datasource: string;
  /** What the client sent: JSON. */
  readonly payload: string;
  readonly createdMs: number;
}

export interface TaskEnd {
  readonly state: 'success' | 'failed';
  readonly message: string | undefined;
  /** Rows it has taken in; undefined where it wrote no report. */
  readonly processed: number | undefined;
}

/** A change of the metadata store: carried out wholly or not at all. */
export type DruidRecord =
  | { readonly kind: 'submitted'; readonly task: Task }
  | { readonly kind: 'published'; readonly id: string; readonly segments: readonly Segment[] }
  | { readonly kind: 'ended'; readonly id: string; readonly end: TaskEnd }
  | { readonly kind: 'unused'; readonly segments: readonly string[] }
  | { readonly kind: 'killed'; readonly segments: readonly string[] };

/** Maps have no JSON of their own. */
export function jsonOfRecord(record: DruidRecord): string {
  return JSON.stringify(record, (_key, value: unknown) =>
    value instanceof Map ? { map: [...value] } : value,
  );
}

export function recordOfJson(text: string): DruidRecord {
  return JSON.parse(text, (_key, value: unknown) => {
    const isMap = typeof value === 'object' && value !== null && Object.hasOwn(value, 'map');
    return isMap ? new Map(Reflect.get(value, 'map') as [string, Cell][]) : value;
  }) as DruidRecord;
}
