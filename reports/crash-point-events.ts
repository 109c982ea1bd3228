/**
 * What came of crashes at every point of one run at which one could do harm.
 */

/** How many were tried, and how many broke a property. */
export type Tried = readonly [tried: number, failed: number];

/** One kind of durable operation of one host, however often it happened. */
export interface CrashPointRow {
  readonly host: string;
  readonly operation: string;
  /** The host crashed right before it. */
  readonly before: Tried;
  /** Right after it. */
  readonly after: Tried;
  /** After it, and some host once more during the recovery. */
  readonly again: Tried;
}

/** The grid of one run of one case. */
export interface CrashPoints {
  readonly v: 1;
  readonly type: 'crash-points';
  readonly case: string;
  /** The run whose operations were enumerated: 16 hex digits. */
  readonly seed: string;
  /** Durable operations of that run, and how many of them were tried. */
  readonly operations: number;
  readonly tried: number;
  readonly rows: readonly CrashPointRow[];
}
