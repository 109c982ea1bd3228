// What every trap must do: spring inside a step with code, place and replacement, and only there.
// The place is checked against the text of the file that holds the fixtures.

import { readFileSync } from 'node:fs';
import test from 'ava';
import { OnceproofError } from '../../engine/core/errors.ts';
import { installGuard } from './guard.ts';

/** The name of a source, and code that uses it, with the member's name on the same line. */
export type Fixture = readonly [source: string, use: () => unknown, way?: string];

/** `url` is the file of the fixtures. */
export function trapContract(url: string, fixtures: readonly Fixture[]): void {
  const path = new URL(url).pathname;
  const lines = readFileSync(path, 'utf8').split('\n');
  const guard = installGuard();
  const known = new Set(guard.sources);
  test.after(() => guard.restore());

  for (const [source, use, way = 'call'] of fixtures) {
    test(`${source} is trapped, with place and replacement (${way})`, (t) => {
      t.true(known.has(source), `${source} is not in the guard's list`);
      guard.enter();
      const error = thrownBy(use);
      guard.leave();
      t.is(guard.takeViolation(), error);
      if (!(error instanceof OnceproofError)) return t.fail(String(error));
      t.is(error.code, 'OP-E210');
      t.is(error.message, `Cannot use ${source} in a simulated host`);
      t.regex(error.remedy ?? '', /^[A-Z].* .*[^.]$/);
      const [file, line] = splitPlace(error.place ?? '');
      t.is(file, path);
      t.true(lines[line - 1]?.includes(memberOf(source)), `${line}: ${lines[line - 1]}`);
    });
  }
}

function thrownBy(use: () => unknown): unknown {
  try {
    use();
    return 'nothing was thrown';
  } catch (error) {
    return error;
  }
}

function splitPlace(place: string): readonly [string, number] {
  const colon = place.lastIndexOf(':');
  return [place.slice(0, colon), Number(place.slice(colon + 1))];
}

function memberOf(source: string): string {
  return source.slice(source.lastIndexOf('.') + 1);
}
