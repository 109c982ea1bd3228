// The part of SQL that the simulated Druid knows, and that it refuses the rest.

import test from 'ava';

import type { Row } from './records.ts';
import { parseSql, SqlError } from './sql-parser.ts';
import { runQuery } from './sql-run.ts';

const ROWS: readonly Row[] = [
  new Map<string, string | number>([
    ['__time', 60_000],
    ['part', 1],
    ['name', 'b'],
    ['it', "it's"],
  ]),
  new Map<string, string | number>([
    ['__time', 0],
    ['part', 10],
    ['name', 'a'],
  ]),
  new Map<string, string | number>([
    ['__time', 120_000],
    ['part', 2],
    ['name', 'b'],
  ]),
];

function answer(sql: string): readonly unknown[] {
  return runQuery(parseSql(sql), ROWS);
}

test('conditions are compared by type, and hold for no null', (t) => {
  t.deepEqual(answer('SELECT "part" FROM "t" WHERE "part" >= 2 AND "part" < 11'), [[10], [2]]);
  t.deepEqual(answer(`SELECT "part" FROM "t" WHERE "it" = 'it''s'`), [[1]]);
  t.deepEqual(answer(`SELECT "part" FROM "t" WHERE "it" <> 'x'`), [[1]]);
  t.deepEqual(answer('SELECT "part" FROM "t" WHERE "it" IS NULL'), [[10], [2]]);
  t.deepEqual(answer('SELECT "part" FROM "t" WHERE "it" IS NOT NULL'), [[1]]);
  t.deepEqual(answer(`SELECT "part" FROM "t" WHERE "__time" = TIMESTAMP '1970-01-01 00:01:00'`), [
    [1],
  ]);
});

test('a missing cell is null', (t) => {
  t.deepEqual(answer('SELECT "it", "part" FROM "t" WHERE "part" = 2'), [[null, 2]]);
});

test('rows are counted by group, sorted and cut', (t) => {
  t.deepEqual(answer('SELECT COUNT(*) FROM t'), [[3]]);
  t.deepEqual(answer('SELECT COUNT(*) FROM t WHERE "part" = 99'), [[0]]);
  const counts = 'SELECT "name", COUNT(*) AS "n" FROM t GROUP BY "name" ORDER BY "n" DESC';
  t.deepEqual(answer(counts), [
    ['b', 2],
    ['a', 1],
  ]);
  t.deepEqual(answer(`${counts} LIMIT 1 OFFSET 1`), [['a', 1]]);
  t.deepEqual(answer('SELECT "part" FROM t ORDER BY "__time" DESC LIMIT 2'), [[2], [1]]);
});

test('what it does not know is refused', (t) => {
  for (const sql of [
    '',
    'DELETE FROM t',
    'SELECT * FROM t',
    'SELECT "a" FROM t WHERE "a" = 1 OR "a" = 2',
    'SELECT "a" FROM t WHERE "a" LIKE 1',
    'SELECT "a" FROM t JOIN u',
    'SELECT SUM("a") FROM t',
    'SELECT "a" FROM t;',
    'SELECT "part" FROM t ORDER BY "part"',
    'SELECT "part", COUNT(*) FROM t',
  ]) {
    t.throws(() => answer(sql), { instanceOf: SqlError }, sql);
  }
});
