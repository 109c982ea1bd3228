// Keyed state as user functions see it: scoped to the current key, synchronous on every backend.
// Absent values are undefined. Null rules are Flink's: update(undefined) clears; a list takes
// neither null nor undefined (OP-E403). Objects obtained from a state must be written back to
// count.

export interface ValueState<T> {
  value(): T | undefined;
  update(value: T | undefined): void;
  clear(): void;
}

export interface ListState<T> {
  /** Insertion order; empty where nothing was added. */
  get(): readonly T[];
  add(value: T): void;
  addAll(values: readonly T[]): void;
  update(values: readonly T[]): void;
  clear(): void;
}

export interface MapState<UK, UV> {
  get(key: UK): UV | undefined;
  put(key: UK, value: UV): void;
  putAll(entries: Iterable<readonly [UK, UV]>): void;
  remove(key: UK): void;
  contains(key: UK): boolean;
  entries(): Iterable<readonly [UK, UV]>;
  keys(): Iterable<UK>;
  values(): Iterable<UV>;
  isEmpty(): boolean;
  clear(): void;
}

/** Folds eagerly. ReducingState<T> is AppendingState<T, T>. */
export interface AppendingState<IN, OUT> {
  get(): OUT | undefined;
  add(value: IN): void;
  clear(): void;
}

export type ReducingState<T> = AppendingState<T, T>;
export type AggregatingState<IN, OUT> = AppendingState<IN, OUT>;
