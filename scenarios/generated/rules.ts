// The arithmetic that a generated job and its interpreter share: plain functions of one item, and
// the constants of a plan. Nothing of the engine, no state and no order.

import type { Item } from './plan.ts';

/** Numbers stay below it. */
const LIMIT = 9_973;
export const KEYS = 5;
/** Event times, in milliseconds. */
export const TIMES = {
  /** Between two records, which may then be as much earlier as the disorder says. */
  stepMs: 100,
  disorderMs: 400,
  /** Beyond the event time of every record: due when the input has ended. */
  endMs: 1_000_000_000,
  windowMs: 1_500,
  slideMs: 750,
  gapMs: 300,
} as const;

export interface GeneratedRecord {
  readonly id: string;
  readonly key: number;
  readonly n: number;
  /** Event time. */
  readonly at: number;
}

export function limited(n: number): number {
  return n % LIMIT;
}

function mapped({ key, n }: Item, variant: number): Item {
  return { key, n: limited(variant % 2 === 0 ? n + 1 + variant : n * (2 + (variant % 5))) };
}

function isKept({ key, n }: Item, variant: number): boolean {
  return (key + n) % 3 !== variant % 3;
}

/** None, one or two. */
function flattened({ key, n }: Item, variant: number): readonly Item[] {
  const count = (n + variant) % 3;
  return Array.from({ length: count }, (_, index) => ({ key, n: limited(n * 2 + index) }));
}

function rekeyed({ key, n }: Item, variant: number): Item {
  return { key: (key * 3 + n + variant) % KEYS, n };
}

function stamped({ key, n }: Item, timestamp: number): Item {
  return { key, n: limited(n + (timestamp % 97)) };
}

/** How much later than its record a delayed item is put out. */
function delayOf({ n }: Item, variant: number): number {
  return 50 + ((n + variant) % 7) * 100;
}

function timeOf({ key, n }: Item): number {
  return ((n * 7 + key) % 60) * TIMES.stepMs;
}

/** How far a source's event time lies behind the records' own. */
function lagOf(variant: number): number {
  return [0, 3_000, 1_000][variant % 3] ?? 0;
}

function firstMapped({ key, n }: Item): Item {
  return { key, n: limited(n + 11) };
}

function secondMapped({ key, n }: Item): Item {
  return { key, n: limited(n * 3 + 1) };
}

/** What the nodes of a plan do to single items. */
export const RULES = {
  mapped,
  isKept,
  flattened,
  rekeyed,
  stamped,
  delayOf,
  timeOf,
  lagOf,
  firstMapped,
  secondMapped,
} as const;
