// The exit codes, what they mean, and which one wins when several apply. They are a promise to
// whoever writes CI scripts: a code never changes its meaning.

import { OnceproofError } from '../../engine/core/errors.ts';

export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 64 | 65 | 70 | 125 | 130 | 143;

/** Worst first. What a user stopped is reported as stopped, whatever else it was. */
const PRECEDENCE: readonly ExitCode[] = [143, 130, 70, 65, 64, 3, 1, 6, 7, 2, 5, 125, 4, 0];

const MEANINGS: Readonly<Record<ExitCode, string>> = {
  0: 'no violation found',
  1: 'at least one property violated',
  2: 'inconclusive: a goal was missed, or not everything could be decided or run',
  3: 'nondeterministic: a repeated run differed, so results cannot be trusted',
  4: 'nothing to run',
  5: 'not reproduced',
  6: 'a backend could not start or broke its contract',
  7: 'finished, but a report could not be written',
  64: 'bad usage',
  65: 'a scenario file does not load',
  70: 'internal error: a bug of onceproof',
  125: 'stale: a fault of the repro never struck, so it proves nothing',
  130: 'interrupted; what ran is complete on disk',
  143: 'terminated; what ran is complete on disk',
};

export function worstExit(codes: readonly ExitCode[]): ExitCode {
  return PRECEDENCE.find((code) => codes.includes(code)) ?? 0;
}

export function meaningOf(code: ExitCode): string {
  return MEANINGS[code];
}

/** Which exit code an error that ends a command stands for. */
export function exitCodeOf(error: unknown): ExitCode {
  if (!(error instanceof OnceproofError)) return 70;
  const { code } = error;
  if (LOADING.has(code)) return 65;
  if (INTERNAL.has(code)) return 70;
  if (code === 'OP-E150') return 4;
  if (code === 'OP-E159' || code === 'OP-E166') return 5;
  if (code === 'OP-E168') return 3;
  if (code === 'OP-E160') return 7;
  if (code.startsWith('OP-E7')) return 7;
  if (code.startsWith('OP-E57')) return 64;
  return code.startsWith('OP-E1') ? 64 : 65;
}

const LOADING = new Set([
  'OP-E101',
  'OP-E121',
  'OP-E122',
  'OP-E130',
  'OP-E155',
  'OP-E156',
  'OP-E157',
  'OP-E158',
]);
const INTERNAL = new Set(['OP-E142', 'OP-E143', 'OP-E151', 'OP-E152']);
