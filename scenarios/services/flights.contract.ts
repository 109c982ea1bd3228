// The flights job, embedded and with its checkpoints in a real service, is killed with SIGKILL
// again and again: what it has committed in the end is what a plain loop over the feed computes.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { compare } from '../flights/compare.ts';
import { readFeed } from '../flights/dataset.ts';
import { type Attempt, killAndRestart } from '../flights/kill-and-restart.ts';
import { type FlightsSettings, placesBelow } from '../flights/places.ts';

export interface FlightsOptions {
  /** Draws the moments of the kills. */
  readonly seed: string;
  /** At the most: a job that is quicker is done before. */
  readonly kills: number;
  readonly settings: FlightsSettings;
}

export function flightsContract(name: string, options: Omit<FlightsOptions, 'seed'>): void {
  const title = `${name}: a job killed again and again commits every flight exactly once`;
  test.serial(title, async (t) => {
    const attempts = await killAndCompare(t, { ...options, seed: name });
    t.true(attempts.length > 1);
    t.true(attempts.some(({ restoredFrom }) => restoredFrom !== undefined));
  });
}

export async function killAndCompare(
  t: ExecutionContext,
  options: FlightsOptions,
): Promise<readonly Attempt[]> {
  const directory = await mkdtemp(join(tmpdir(), 'onceproof-flights-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const places = placesBelow(directory);
  const feed = await readFeed();
  await writeFile(places.input, feed.map((flight) => `${JSON.stringify(flight)}\n`).join(''));
  const attempts: Attempt[] = [];
  const onAttempt = (attempt: Attempt): void => {
    attempts.push(attempt);
    t.log(describe(attempt));
  };
  await killAndRestart({ ...options, directory, onAttempt });
  const { committed, differences } = await compare(feed, places);
  t.deepEqual(differences.slice(0, 10), []);
  t.true(committed > feed.length);
  return attempts;
}

function describe({ number, restoredFrom, checkpoints, ranMs, end }: Attempt): string {
  const from = restoredFrom === undefined ? 'the beginning' : `checkpoint ${restoredFrom}`;
  const seconds = (ranMs / 1_000).toFixed(1);
  return `process ${number} from ${from}: ${checkpoints} checkpoints, ${end} after ${seconds} s`;
}
