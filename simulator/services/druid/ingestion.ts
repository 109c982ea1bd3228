// What a native batch task does with its input: reads the specification, as far as checkpoints need
// it and refusing what is beyond that, takes the rows in and makes them what segments hold. Models
// inline JSON and re-reading of a datasource, append and replace, one chunk a task; no rollup, no
// subtasks, no transforms.

import { contains, type Interval, parseInterval } from './intervals.ts';
import { at, listAt, parseJson, textAt } from './json.ts';
import type { Cell, Row } from './records.ts';

export interface RowFilter {
  readonly dimension: string;
  readonly values: ReadonlySet<string>;
}

export type TaskInput =
  | { readonly kind: 'inline'; readonly data: string }
  | {
      readonly kind: 'druid';
      readonly datasource: string;
      readonly interval: Interval;
      readonly filter: RowFilter | undefined;
    };

export interface Ingestion {
  readonly datasource: string;
  readonly interval: Interval;
  readonly isAppend: boolean;
  readonly input: TaskInput;
  readonly columns: ReadonlyMap<string, 'string' | 'long'>;
  /** Times are cut down to a multiple of it. */
  readonly granularityMs: number;
}

const GRANULARITIES: ReadonlyMap<string | undefined, number> = new Map([
  ['NONE', 1],
  ['SECOND', 1_000],
  ['MINUTE', 60_000],
]);

/** A text says what is wrong with it. */
export function ingestionOf(payload: unknown): Ingestion | string {
  const schema = at(payload, 'spec', 'dataSchema');
  const io = at(payload, 'spec', 'ioConfig');
  const datasource = textAt(schema, 'dataSource');
  const granularity = at(schema, 'granularitySpec');
  const [intervalText] = listAt(granularity, 'intervals');
  const interval = typeof intervalText === 'string' ? parseInterval(intervalText) : undefined;
  const granularityMs = GRANULARITIES.get(textAt(granularity, 'queryGranularity'));
  const segmentMs = GRANULARITIES.get(textAt(granularity, 'segmentGranularity'));
  if (datasource === undefined || interval === undefined) return 'no dataSource or interval';
  if (granularityMs === undefined || segmentMs === undefined) return 'unknown granularity';
  const isOneChunk =
    interval.startMs % segmentMs === 0 && interval.endMs - interval.startMs === segmentMs;
  if (!isOneChunk) return 'not exactly one time chunk';
  if (at(granularity, 'rollup') !== false) return 'rollup is not simulated';
  if (textAt(schema, 'timestampSpec', 'column') !== '__time') return 'unknown timestampSpec';
  const input = inputOf(io);
  if (typeof input === 'string') return input;
  const isAppend = at(io, 'appendToExisting') === true;
  return { datasource, interval, isAppend, input, columns: columnsOf(schema), granularityMs };
}

/** `stored`: rows of a datasource that count at this moment. A text says why the task fails. */
export function takeIn(
  { input, interval, columns, granularityMs }: Ingestion,
  stored: (datasource: string, interval: Interval) => readonly Row[],
): readonly Row[] | string {
  const rows = input.kind === 'inline' ? parseLines(input.data) : read(input, stored);
  if (typeof rows === 'string') return rows;
  return rows.flatMap((row) => {
    const time = Number(row.get('__time'));
    // What lies outside is thrown away, without a word.
    if (!contains(interval, { startMs: time, endMs: time + 1 })) return [];
    return keep(row, columns, time - (time % granularityMs));
  });
}

function read(
  input: Extract<TaskInput, { kind: 'druid' }>,
  stored: (datasource: string, interval: Interval) => readonly Row[],
): readonly Row[] {
  const { datasource, interval, filter } = input;
  const rows = stored(datasource, interval);
  if (filter === undefined) return rows;
  return rows.filter((row) => filter.values.has(String(row.get(filter.dimension))));
}

function parseLines(data: string): readonly Row[] | string {
  const rows: Row[] = [];
  for (const line of data.split('\n')) {
    const value = parseJson(line);
    if (typeof value !== 'object' || value === null) return `Unable to parse row [${line}]`;
    if (typeof at(value, '__time') !== 'number') return `Timestamp is unparseable in [${line}]`;
    const cells = Object.entries(value).filter(
      (entry): entry is [string, Cell] =>
        typeof entry[1] === 'string' || typeof entry[1] === 'number',
    );
    rows.push(new Map(cells));
  }
  return rows;
}

function keep(row: Row, columns: Ingestion['columns'], time: number): Row {
  const kept = new Map<string, Cell>([['__time', time]]);
  for (const [name, type] of columns) {
    const cell = row.get(name);
    if (cell !== undefined) kept.set(name, type === 'long' ? Number(cell) : String(cell));
  }
  return kept;
}

function inputOf(io: unknown): TaskInput | string {
  const source = at(io, 'inputSource');
  const type = textAt(source, 'type');
  if (type === 'inline') {
    const data = textAt(source, 'data');
    const isJson = textAt(io, 'inputFormat', 'type') === 'json';
    return data !== undefined && isJson ? { kind: 'inline', data } : 'no data, or not as JSON';
  }
  const datasource = textAt(source, 'dataSource');
  const interval = parseInterval(textAt(source, 'interval') ?? '');
  if (type !== 'druid' || datasource === undefined || interval === undefined) {
    return `unknown input source [${type}]`;
  }
  const filter = filterOf(at(source, 'filter'));
  return typeof filter === 'string' ? filter : { kind: 'druid', datasource, interval, filter };
}

function filterOf(filter: unknown): RowFilter | undefined | string {
  if (filter === undefined) return undefined;
  const dimension = textAt(filter, 'dimension');
  if (textAt(filter, 'type') !== 'in' || dimension === undefined) return 'unknown filter';
  return { dimension, values: new Set(listAt(filter, 'values').map(String)) };
}

function columnsOf(schema: unknown): ReadonlyMap<string, 'string' | 'long'> {
  return new Map(
    listAt(schema, 'dimensionsSpec', 'dimensions').map((dimension) => [
      textAt(dimension, 'name') ?? '',
      textAt(dimension, 'type') === 'long' ? 'long' : 'string',
    ]),
  );
}
