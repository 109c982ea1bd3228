// What a generated job must put out, from the definitions of its operators, one whole stream after
// the other: no time passes here, nothing is parallel and no code of the engine is used. A window
// that may fire more than once counts with its last result.

import { isWindow, type NodeKind } from './node-kinds.ts';
import { isSettled, type Item, type JobPlan, type PlanNode } from './plan.ts';
import { type GeneratedRecord, limited, RULES, TIMES } from './rules.ts';

export interface GeneratedOutput extends Item {
  /** Which of the job's sinks. */
  readonly sink: number;
}

interface Timed extends Item {
  readonly at: number;
}

type Streams = readonly (readonly Timed[])[];

export function interpret(
  plan: JobPlan,
  records: readonly GeneratedRecord[],
): readonly GeneratedOutput[] {
  const streams: (readonly Timed[])[] = [];
  for (const node of plan.nodes) {
    streams.push(node.kind === 'source' ? readBy(node, records) : streamOf(node, streams));
  }
  return plan.sinks.flatMap((sink) =>
    (streams[sink] ?? []).map(({ key, n, window }) => ({
      sink,
      key,
      n,
      ...(window === undefined ? {} : { window }),
    })),
  );
}

function readBy({ variant }: PlanNode, records: readonly GeneratedRecord[]): readonly Timed[] {
  return records.map(({ key, n, at }) => ({
    key,
    n: limited(n + variant),
    at: at - RULES.lagOf(variant),
  }));
}

function streamOf(node: PlanNode, streams: Streams): readonly Timed[] {
  const [first = 0, second = first] = node.inputs;
  const [left, right] = [streams[first] ?? [], streams[second] ?? []];
  const { kind, variant, parallelism = 1 } = node;
  if (isWindow(kind)) return windowsOf(node, left);
  if (kind === 'union') return [...left, ...right];
  if (kind === 'co-map')
    return [...each(left, RULES.firstMapped), ...each(right, RULES.secondMapped)];
  if (kind === 'join') return joined(left, right);
  if (kind === 'rules') return ruled(left, right);
  if (kind === 'map') return each(left, (item) => RULES.mapped(item, variant));
  if (kind === 'filter') return left.filter((item) => RULES.isKept(item, variant));
  if (kind === 'rekey') return each(left, (item) => RULES.rekeyed(item, variant));
  if (kind === 'route')
    return each(left, (item) => (item.n % 2 === 0 ? item : RULES.secondMapped(item)));
  if (kind === 'stamp')
    return left.map((item) => ({ ...RULES.stamped(item, item.at), at: item.at }));
  if (kind === 'retime') return left.map((item) => ({ ...item, at: RULES.timeOf(item) }));
  if (kind === 'delay') return left.map((item) => ({ ...item, at: delayed(item, variant) }));
  if (kind === 'flat-map') {
    return left.flatMap((item) => each(RULES.flattened(item, variant), (one) => one, item.at));
  }
  if (kind === 'spread') {
    return variant % 4 === 3 ? Array.from({ length: parallelism }, () => left).flat() : left;
  }
  return keyed(kind, left);
}

function delayed(item: Timed, variant: number): number {
  return item.at + RULES.delayOf(item, variant);
}

function each<T extends Item>(
  items: readonly T[],
  change: (item: Item) => Item,
  at?: number,
): readonly Timed[] {
  return items.map((item) => {
    const time = at ?? ('at' in item ? Number(item.at) : 0);
    return { ...change({ key: item.key, n: item.n }), at: time };
  });
}

function groups(items: readonly Timed[]): ReadonlyMap<number, readonly Timed[]> {
  return groupedBy(items, ({ key }) => key);
}

function groupedBy<T>(values: readonly T[], by: (value: T) => number) {
  const found = new Map<number, T[]>();
  for (const value of values) found.set(by(value), [...(found.get(by(value)) ?? []), value]);
  return found;
}

function keyed(kind: NodeKind, items: readonly Timed[]): readonly Timed[] {
  return [...groups(items)].flatMap(([key, ofKey]) =>
    valuesOf(
      kind,
      ofKey.map(({ n }) => n),
    ).map((n) => ({ key, n, at: TIMES.endMs })),
  );
}

/** What the items of one key come to. */
function valuesOf(kind: NodeKind, ns: readonly number[]): readonly number[] {
  if (kind === 'running-count' || kind === 'reduce') return ns.map((_, index) => index + 1);
  if (kind === 'distinct') return [...new Set(ns)];
  if (kind === 'total') return [sum(ns)];
  if (kind === 'listed') {
    return [sum(ns.toSorted((a, b) => a - b).map((n, index) => n * (index + 1)))];
  }
  const buckets = groupedBy(ns, (n) => n % 4);
  return [...buckets].map(([bucket, inside]) => limited(bucket * 1_000 + inside.length));
}

function sum(ns: readonly number[]): number {
  return limited(ns.reduce((total, n) => total + n, 0));
}

function joined(left: readonly Timed[], right: readonly Timed[]): readonly Timed[] {
  const both = groups([...left, ...right]);
  return [...both.keys()].map((key) => {
    const of = (side: readonly Timed[]) =>
      sum(side.filter((item) => item.key === key).map(({ n }) => n));
    return { key, n: limited(of(left) * 3 + of(right)), at: TIMES.endMs };
  });
}

function ruled(left: readonly Timed[], rules: readonly Timed[]): readonly Timed[] {
  const perKey = groups(rules);
  const known = sum([...perKey].map(([key, ofKey]) => (key + 1) * sum(ofKey.map(({ n }) => n))));
  return [...groups(left)].map(([key, ofKey]) => ({
    key,
    n: limited(ofKey.length * 7 + known),
    at: TIMES.endMs,
  }));
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly items: readonly Timed[];
}

function windowsOf(node: PlanNode, items: readonly Timed[]): readonly Timed[] {
  const { kind, isLate, variant } = node;
  return [...groups(items)].flatMap(([key, ofKey]) => {
    const spans = kind === 'session' ? sessions(ofKey) : slices(ofKey, kind === 'sliding');
    return spans.map(({ start, end, items: inside }) => {
      const count = inside.length;
      const n = limited(sum(inside.map((item) => item.n)) + count * 7);
      if (isLate && !isSettled(variant)) {
        return { key, n, at: end - 1, window: { start, end, count } };
      }
      return { key, n, at: isLate ? TIMES.endMs : end - 1 };
    });
  });
}

/** Each item belongs to every slice that its time lies in. */
function slices(items: readonly Timed[], isSliding: boolean): readonly Span[] {
  const slideMs = isSliding ? TIMES.slideMs : TIMES.windowMs;
  const starts = new Set<number>();
  for (const { at } of items) {
    for (let start = firstSlice(at, slideMs); start <= at; start += slideMs) starts.add(start);
  }
  return [...starts].map((start) => {
    const end = start + TIMES.windowMs;
    return { start, end, items: items.filter(({ at }) => at >= start && at < end) };
  });
}

/** The first multiple of the slide whose slice still holds this time. */
function firstSlice(at: number, slideMs: number): number {
  return (Math.floor((at - TIMES.windowMs) / slideMs) + 1) * slideMs;
}

/** Items less than a gap apart. */
function sessions(items: readonly Timed[]): readonly Span[] {
  const found: { start: number; end: number; items: Timed[] }[] = [];
  for (const item of items.toSorted((a, b) => a.at - b.at)) {
    const open = found.at(-1);
    if (open !== undefined && item.at < open.end) {
      open.end = item.at + TIMES.gapMs;
      open.items.push(item);
    } else {
      found.push({ start: item.at, end: item.at + TIMES.gapMs, items: [item] });
    }
  }
  return found;
}
