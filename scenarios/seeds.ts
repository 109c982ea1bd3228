// Seeds and the names of runs. A seed is 64 bits, written as 16 hexadecimal digits and handled as
// text, because numbers lose bits past 2^53. The seed of a run depends on the root seed, its case
// and its index alone: neither order, workers, filters nor shards change what a run does.

import { hashHex } from '../engine/core/hash.ts';

/** One run by name: `scenario@backend#seed`. */
export interface RunId {
  readonly scenario: string;
  readonly backend: string;
  readonly seed: string;
}

const SIXTEEN_HEX = /^[0-9a-f]{16}$/;
const GIT_SHA = /^[0-9a-f]{40}$/;
const DECIMAL = /^\d{1,20}$/;
const SEED_MAX = 0xffff_ffff_ffff_ffffn;
const RUN_ID = /^([^@#\s]+)@([^@#\s]+)#([^@#\s]+)$/;

/**
 * Sixteen hexadecimal digits, a decimal number below 2^64, or the 40 digits of a git commit, of
 * which the first sixteen count. Sixteen decimal digits are read as hexadecimal ones, because that
 * is how seeds are printed.
 */
export function parseSeed(text: string): string | undefined {
  const seed = text.toLowerCase();
  if (SIXTEEN_HEX.test(seed)) return seed;
  if (GIT_SHA.test(seed)) return seed.slice(0, 16);
  if (!DECIMAL.test(seed)) return undefined;
  const value = BigInt(seed);
  return value > SEED_MAX ? undefined : value.toString(16).padStart(16, '0');
}

export function caseIdOf(scenario: string, backend: string): string {
  return `${scenario}@${backend}`;
}

/** The seed of run `index` of a case. The formula is for ever: reports and tickets hold seeds. */
export function runSeedOf(root: string, caseId: string, index: number): string {
  return hashHex(`${root}/${caseId}/${index}`);
}

export function formatRunId({ scenario, backend, seed }: RunId): string {
  return `${caseIdOf(scenario, backend)}#${seed}`;
}

export function parseRunId(text: string): RunId | undefined {
  const [, scenario, backend, seedText] = RUN_ID.exec(text) ?? [];
  if (scenario === undefined || backend === undefined || seedText === undefined) return undefined;
  const seed = parseSeed(seedText);
  return seed === undefined ? undefined : { scenario, backend, seed };
}
