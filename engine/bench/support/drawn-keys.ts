// Keys for benchmarks, the same in every run: uniform, or by Zipf's law with the exponent of YCSB,
// where of 100,000 keys the most frequent thousand take about half of all records. In batches, as
// the runtime makes them.

const ZIPF_EXPONENT = 0.99;

export type Distribution = 'uniform' | 'zipf';

export interface DrawnBatch {
  /** One number below the count of keys for each record. */
  readonly records: Int32Array;
  /** The same, every number once, with how often it comes. */
  readonly distinct: Int32Array;
  readonly occurrences: Int32Array;
}

export interface Drawing {
  readonly keys: number;
  readonly records: number;
  readonly batch: number;
  readonly distribution: Distribution;
  readonly seed?: number;
}

export function drawBatches(drawing: Drawing): readonly DrawnBatch[] {
  const draw = drawer(drawing);
  const batches: DrawnBatch[] = [];
  for (let left = drawing.records; left > 0; left -= drawing.batch) {
    batches.push(batchOf(Int32Array.from({ length: Math.min(left, drawing.batch) }, draw)));
  }
  return batches;
}

function batchOf(records: Int32Array): DrawnBatch {
  const counts = new Map<number, number>();
  for (const key of records) counts.set(key, (counts.get(key) ?? 0) + 1);
  const distinct = Int32Array.from(counts.keys());
  return { records, distinct, occurrences: Int32Array.from(counts.values()) };
}

function drawer({ keys, distribution, seed = 1 }: Drawing): () => number {
  const next = uniform(seed);
  if (distribution === 'uniform') return () => Math.floor(next() * keys);
  const upTo = zipfSums(keys);
  const total = upTo[keys - 1] ?? 0;
  return () => scattered(firstAtLeast(upTo, next() * total), keys);
}

/** In [0, 1), from a linear congruence whose low bits are not used. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
}

function zipfSums(keys: number): Float64Array {
  const sums = new Float64Array(keys);
  let sum = 0;
  for (let rank = 0; rank < keys; rank++) {
    sum += (rank + 1) ** -ZIPF_EXPONENT;
    sums[rank] = sum;
  }
  return sums;
}

/** Frequent keys lie all over the store, not side by side. */
function scattered(rank: number, keys: number): number {
  return (rank * 7_919) % keys;
}

function firstAtLeast(sums: Float64Array, wanted: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
