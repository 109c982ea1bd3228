// The Broker's part of the HTTP API: SQL over what is loaded, and over sys.segments.

import type { HttpResponse } from '../../../engine/environment/http-client.ts';
import type { BrokerView } from './broker-view.ts';
import { druidException, jsonAnswer } from './druid-answers.ts';
import { momentOf } from './moments.ts';
import { parseJson, textAt } from './json.ts';
import type { MetadataStore } from './metadata-store.ts';
import type { Row, Segment } from './records.ts';
import type { RowDamage } from './row-damage.ts';
import { parseSql, SqlError, type Query } from './sql-parser.ts';
import { type AnswerRow, runQuery } from './sql-run.ts';

export interface Queried {
  readonly view: BrokerView;
  readonly store: MetadataStore;
  readonly damage: RowDamage | undefined;
}

export function answerQuery(body: string, queried: Queried): HttpResponse {
  const request = parseJson(body);
  const format = textAt(request, 'resultFormat') ?? 'object';
  try {
    const query = parseSql(textAt(request, 'query') ?? '');
    const rows = runQuery(query, rowsOf(query, queried));
    if (format === 'array') return jsonAnswer(rows);
    if (format === 'object') return jsonAnswer(rows.map((row) => named(query, row)));
    throw new SqlError(`Unknown resultFormat [${format}]`);
  } catch (error) {
    if (error instanceof SqlError) return druidException('invalidInput', error.message);
    throw error;
  }
}

function rowsOf({ table }: Query, { view, store, damage }: Queried): readonly Row[] {
  if (table === 'sys.segments') {
    return [...store.datasources()].flatMap((datasource) => segmentRows(datasource, view, store));
  }
  if (!view.isTable(table))
    throw new SqlError(`Object '${table}' not found (line [1], column [15])`);
  const rows = view.visibleOf(table).flatMap((segment) => segment.rows);
  return damage === undefined ? rows : damage.seen(table, rows);
}

/** Segments that are loaded, and those that ought to be. */
function segmentRows(datasource: string, view: BrokerView, store: MetadataStore): readonly Row[] {
  const served = new Map(view.servedOf(datasource).map((segment) => [segment.id, segment]));
  const known = new Map(store.used(datasource).map((segment) => [segment.id, segment]));
  return [...new Map([...known, ...served]).values()].map((segment) =>
    segmentRow(segment, { isAvailable: served.has(segment.id), isUsed: known.has(segment.id) }),
  );
}

function segmentRow(
  { id, datasource, interval, version, partition }: Segment,
  { isAvailable, isUsed }: { readonly isAvailable: boolean; readonly isUsed: boolean },
): Row {
  return new Map<string, string | number>([
    ['segment_id', id],
    ['datasource', datasource],
    ['start', momentOf(interval.startMs)],
    ['end', momentOf(interval.endMs)],
    ['version', version],
    ['partition_num', partition],
    ['is_published', isUsed ? 1 : 0],
    ['is_available', isAvailable ? 1 : 0],
  ]);
}

function named({ columns }: Query, row: AnswerRow): object {
  return Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null]));
}
