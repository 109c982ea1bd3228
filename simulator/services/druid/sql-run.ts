// Answers a parsed query from rows. As Druid, it sorts by nothing but time unless it groups.

import type { Cell, Row } from './records.ts';
import { type Condition, type Query, SqlError } from './sql-parser.ts';

export type AnswerRow = readonly (Cell | null)[];

export function runQuery(query: Query, rows: readonly Row[]): readonly AnswerRow[] {
  const found = rows.filter((row) => query.conditions.every((condition) => holds(condition, row)));
  const isGrouped =
    query.groupBy.length > 0 || query.columns.some(({ column }) => column === undefined);
  if (!isGrouped) checkOrder(query);
  const answered = isGrouped ? groups(query, found) : found;
  const { offset, limit } = query;
  return sorted(query, answered)
    .slice(offset, offset + limit)
    .map((row) => query.columns.map(({ column, name }) => row.get(column ?? name) ?? null));
}

/** Rows that have the grouped columns, and the counts under their names. */
function groups({ columns, groupBy }: Query, rows: readonly Row[]): readonly Row[] {
  const counted = new Map<string, { readonly row: Row; count: number }>();
  for (const row of rows) {
    const key = JSON.stringify(groupBy.map((column) => row.get(column) ?? null));
    const group = counted.get(key);
    if (group === undefined) counted.set(key, { row, count: 1 });
    else group.count += 1;
  }
  const stray = columns.find(({ column }) => column !== undefined && !groupBy.includes(column));
  if (stray !== undefined) throw new SqlError(`Expression '${stray.name}' is not being grouped`);
  const counts = columns.filter(({ column }) => column === undefined);
  // Without GROUP BY there is one group, even of no rows.
  const isWhole = groupBy.length === 0 && counted.size === 0;
  const all = isWhole ? [{ row: new Map<string, Cell>(), count: 0 }] : [...counted.values()];
  return all.map(
    ({ row, count }) => new Map([...row, ...counts.map(({ name }) => [name, count] as const)]),
  );
}

function checkOrder({ orderBy }: Query): void {
  const other = orderBy.find(({ column }) => column !== '__time');
  if (other === undefined) return;
  throw new SqlError(
    `Query could not be planned. A possible reason is [SQL query requires ordering a table by ` +
      `non-time column [[${other.column}]], which is not supported.]`,
  );
}

function sorted({ orderBy }: Query, rows: readonly Row[]): readonly Row[] {
  return rows.toSorted((left, right) => {
    for (const { column, isDescending } of orderBy) {
      const order = compare(left.get(column), right.get(column));
      if (order !== 0) return isDescending ? -order : order;
    }
    return 0;
  });
}

/** Nulls first. */
function compare(left: Cell | undefined, right: Cell | undefined): number {
  if (left === right) return 0;
  if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
  return left < right ? -1 : 1;
}

/** A comparison with null holds for nothing. */
function holds(condition: Condition, row: Row): boolean {
  const cell = row.get(condition.column);
  if (condition.kind === 'null') return (cell === undefined) === condition.isNull;
  if (cell === undefined) return false;
  const order = compare(cell, condition.to);
  switch (condition.operator) {
    case '=':
      return order === 0;
    case '<>':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}
