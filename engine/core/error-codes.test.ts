// The table of errors in the documentation has every code that the sources have, and no other.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const AREAS = ['engine', 'simulator', 'scenarios', 'reports'];
const NOT_USERS = /\.(test|contract)\.ts$|\/testing\//;

function codesIn(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, code = '']) => code);
}

function codesOfSources(): ReadonlySet<string> {
  const paths = AREAS.flatMap((area) =>
    readdirSync(`${ROOT}${area}`, { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(ts|js)$/.test(path))
      .map((path) => `${ROOT}${area}/${path}`),
  ).filter((path) => !NOT_USERS.test(path));
  return new Set(
    paths.flatMap((path) => codesIn(readFileSync(path, 'utf8'), /(OP-E\d{3})(?!\d)/g)),
  );
}

test('docs/errors.md has a row for every error code, once, in ascending order', (t) => {
  const rows = codesIn(readFileSync(`${ROOT}docs/errors.md`, 'utf8'), /^\| (OP-E\d{3}) \|/gm);
  t.deepEqual(rows, [...codesOfSources()].sort());
});
