// What can be read of the states of the model, as text that is the same for the same content.

/** What each (key, namespace) holds; the same text for the same content. */
export type StateContent = ReadonlyMap<string, string>;

/** What is read of one (key, namespace). */
export interface CellReading {
  readonly value: unknown;
  readonly list: readonly number[];
  readonly map: Iterable<readonly [number, number]>;
  readonly sum: number | undefined;
  readonly mean: string | undefined;
  readonly brief: number | undefined;
  readonly briefMap: Iterable<readonly [number, number]>;
  readonly timers: Iterable<number>;
  /** States that list the key among theirs. */
  readonly listedBy: readonly string[];
}

export function cellId(key: number, namespace: number): string {
  return `${key}/${namespace}`;
}

/** Of the mean that the aggregating state gives. */
export function meanText([sum, count]: readonly [number, number]): string {
  return `${sum}/${count}`;
}

export function timerText(key: unknown, namespace: number, timestamp: number): string {
  return `${timestamp} ${JSON.stringify(key)} ${namespace}`;
}

/** Maps have no order that backends share; lists have. */
export function textOf(reading: CellReading): string {
  const byKey = (entries: Iterable<readonly [number, number]>) =>
    [...entries].toSorted(([left], [right]) => left - right);
  return JSON.stringify({
    ...reading,
    map: byKey(reading.map),
    briefMap: byKey(reading.briefMap),
    timers: [...reading.timers].toSorted((left, right) => left - right),
    listedBy: reading.listedBy.toSorted(),
  });
}

/** Undefined: they are the same. */
export function differenceOf(found: StateContent, expected: StateContent): string | undefined {
  const places = [...new Set([...found.keys(), ...expected.keys()])];
  const place = places.find((one) => found.get(one) !== expected.get(one));
  if (place === undefined) return undefined;
  const [is, should] = [found, expected].map((content) => content.get(place) ?? 'nothing');
  return `${place}: ${is} instead of ${should}`;
}
