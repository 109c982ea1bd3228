// What keyed state must hold, as plain Maps: the model that any backend is compared with after any
// operations, snapshots and restores. Every state kind for some keys and namespaces, timers, and
// two states whose values expire. Knows no backend, and gives its content as text.

import {
  cellId,
  type CellReading,
  meanText,
  type StateContent,
  textOf,
  timerText,
} from './model-content.ts';
import {
  BRIEF_MS,
  MODEL_KEYS,
  MODEL_NAMESPACES,
  mapKeyOf,
  type StateOperation,
} from './model-operations.ts';

interface Brief {
  readonly value: number;
  readonly writtenMs: number;
}

/** What one (key, namespace) holds, expired or not. */
interface Cell {
  value: { readonly n: number; readonly list: readonly number[] } | undefined;
  list: readonly number[];
  map: ReadonlyMap<number, number>;
  sum: number | undefined;
  mean: readonly [sum: number, count: number] | undefined;
  brief: Brief | undefined;
  briefMap: ReadonlyMap<number, Brief>;
  timers: ReadonlySet<number>;
}

export class StateModel {
  /** Processing time. */
  nowMs = 0;
  /** Cells are replaced, never changed in place: copies share them. */
  readonly #cells: Map<string, Cell>;

  constructor(cells: ReadonlyMap<string, Cell> = new Map()) {
    this.#cells = new Map(cells);
  }

  /** As it is at this moment, which is what a snapshot holds. */
  copy(): StateModel {
    const copied = new StateModel(this.#cells);
    copied.nowMs = this.nowMs;
    return copied;
  }

  apply({ kind, key, namespace, value }: StateOperation): void {
    if (kind === 'merge') return this.#merge(key);
    const cell = this.#cell(key, namespace);
    const change = changeOf(cell, { kind, value, nowMs: this.nowMs });
    this.#cells.set(cellId(key, namespace), { ...cell, ...change });
  }

  /** Takes the timers up to `timestamp` out, and says which these were, sorted. */
  fire(timestamp: number): readonly string[] {
    const fired: string[] = [];
    for (const { key, namespace } of places()) {
      const cell = this.#cell(key, namespace);
      const due = [...cell.timers].filter((timer) => timer <= timestamp);
      fired.push(...due.map((timer) => timerText(MODEL_KEYS[key], namespace, timer)));
      const timers = new Set([...cell.timers].filter((timer) => timer > timestamp));
      this.#cells.set(cellId(key, namespace), { ...cell, timers });
    }
    return fired.toSorted();
  }

  content(): StateContent {
    const content = new Map<string, string>();
    for (const { key, namespace } of places()) {
      content.set(cellId(key, namespace), textOf(this.#read(this.#cell(key, namespace))));
    }
    return content;
  }

  #cell(key: number, namespace: number): Cell {
    return this.#cells.get(cellId(key, namespace)) ?? EMPTY;
  }

  // From namespace 1 into 0, as two windows become one.
  #merge(key: number): void {
    const target = this.#cell(key, 0);
    const source = this.#cell(key, 1);
    const sums = [target.sum, source.sum].filter((sum) => sum !== undefined);
    const means = [target.mean, source.mean].filter((mean) => mean !== undefined);
    this.#cells.set(cellId(key, 0), {
      ...target,
      list: [...target.list, ...source.list],
      sum: sums.length === 0 ? undefined : sums.reduce((left, right) => left + right),
      mean: means.length === 0 ? undefined : means.reduce((l, r) => [l[0] + r[0], l[1] + r[1]]),
    });
    this.#cells.set(cellId(key, 1), { ...source, list: [], sum: undefined, mean: undefined });
  }

  #read(cell: Cell): CellReading {
    const isAlive = ({ writtenMs }: Brief) => writtenMs + BRIEF_MS > this.nowMs;
    return {
      value: cell.value,
      list: cell.list,
      map: cell.map,
      sum: cell.sum,
      mean: cell.mean && meanText(cell.mean),
      brief: cell.brief && isAlive(cell.brief) ? cell.brief.value : undefined,
      briefMap: [...cell.briefMap].flatMap(([key, brief]) =>
        isAlive(brief) ? [[key, brief.value] as const] : [],
      ),
      timers: cell.timers,
      listedBy: listedBy(cell),
    };
  }
}

const EMPTY: Cell = {
  value: undefined,
  list: [],
  map: new Map(),
  sum: undefined,
  mean: undefined,
  brief: undefined,
  briefMap: new Map(),
  timers: new Set(),
};

function places(): readonly { readonly key: number; readonly namespace: number }[] {
  return MODEL_KEYS.flatMap((_, key) => MODEL_NAMESPACES.map((namespace) => ({ key, namespace })));
}

interface Change {
  readonly kind: Exclude<StateOperation['kind'], 'merge'>;
  readonly value: number;
  readonly nowMs: number;
}

function changeOf(cell: Cell, { kind, value, nowMs }: Change): Partial<Cell> {
  const key = mapKeyOf(value);
  switch (kind) {
    case 'update':
      return { value: { n: value, list: [value] } };
    case 'mutate':
      return { value: cell.value && { ...cell.value, list: [...cell.value.list, value] } };
    case 'clear':
      return { value: undefined, list: [] };
    case 'add':
      return { list: [...cell.list, value] };
    case 'replace-list':
      return { list: [value, value + 1] };
    case 'put':
      return { map: new Map([...cell.map, [key, value]]) };
    case 'remove':
      return { map: without(cell.map, key) };
    case 'clear-map':
      return { map: new Map() };
    case 'fold':
      return { sum: (cell.sum ?? 0) + value };
    case 'aggregate':
      return { mean: [(cell.mean?.[0] ?? 0) + value, (cell.mean?.[1] ?? 0) + 1] };
    case 'clear-folds':
      return { sum: undefined, mean: undefined };
    case 'set-timer':
      return { timers: new Set([...cell.timers, value]) };
    case 'cancel-timer':
      return { timers: new Set([...cell.timers].filter((timer) => timer !== value)) };
    case 'keep-briefly':
      return { brief: { value, writtenMs: nowMs } };
    case 'put-briefly':
      return { briefMap: new Map([...cell.briefMap, [key, { value, writtenMs: nowMs }]]) };
    case 'remove-brief':
      return { brief: undefined, briefMap: without(cell.briefMap, key) };
  }
}

function without<V>(map: ReadonlyMap<number, V>, key: number): ReadonlyMap<number, V> {
  return new Map([...map].filter(([candidate]) => candidate !== key));
}

function listedBy({ value, list, map, sum, mean }: Cell): readonly string[] {
  const names: string[] = [];
  if (value !== undefined) names.push('value');
  if (list.length > 0) names.push('list');
  if (map.size > 0) names.push('map');
  if (sum !== undefined) names.push('sum');
  if (mean !== undefined) names.push('mean');
  return names;
}
