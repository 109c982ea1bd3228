// A repro: a minimal failing run, kept in a file that people can read, review and edit. It names
// events instead of times and writes out what it needs, so it survives changes of the engine and of
// its seeds; where it does not, replaying says so. Printing and parsing are exact inverses.

import type { ChanceScript, Fault } from '../../simulator/index.ts';
import type { FailingCase } from '../shrink/failing-case.ts';

export interface Repro {
  /** Version of onceproof that wrote it. */
  readonly onceproof: string;
  /** Commit of the working directory; absent outside of a repository. */
  readonly git?: string;
  /** The known-bad engine that it was found with. */
  readonly mutant?: string;
  /** Scenario files, if the scenario is not one of the package. */
  readonly files?: readonly string[];
  /** The run that it was made of. */
  readonly from: string;
  readonly expect: Expectation;
  readonly case: FailingCase;
}

export interface Expectation {
  readonly violates: string;
  readonly fingerprint: string;
  readonly message: string;
}

export const REPRO_VERSION = 1;
export const REPRO_SUFFIX = '.repro.json';

export function printRepro(repro: Repro): string {
  const { onceproof, git, mutant, files, from, expect } = repro;
  const { scenario, backend, cluster, rescales, livenessMs, horizonMs } = repro.case;
  const { input, plan } = repro.case;
  const fields: readonly (readonly [string, unknown])[] = [
    ['version', REPRO_VERSION],
    ['onceproof', onceproof],
    ['git', git],
    ['scenario', scenario],
    ['backend', backend],
    ['mutant', mutant],
    ['files', files],
    ['from', from],
    ['expect', expect],
    ['cluster', cluster],
    ['rescales', rescales],
    ['livenessMs', livenessMs],
    ['horizonMs', horizonMs],
    ['choices', choicesOf(repro.case)],
  ];
  const lines = fields
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `  "${name}": ${JSON.stringify(value)}`);
  const all = [
    ...lines,
    ...(input === undefined ? [] : [`  "input": ${list(input)}`]),
    `  "healAtMs": ${plan.healAtMs}`,
    `  "faults": ${list(plan.faults)}`,
  ];
  return `{\n${all.join(',\n')}\n}\n`;
}

/** One a line. */
function list(values: readonly unknown[]): string {
  if (values.length === 0) return '[]';
  return `[\n${values.map((value) => `    ${JSON.stringify(value)}`).join(',\n')}\n  ]`;
}

function choicesOf({ seed, chance }: FailingCase): object {
  const draws = [...chance.draws].map(
    ([stream, values]) => [stream, Object.fromEntries(values)] as const,
  );
  return {
    seed,
    ...(chance.quiet.length === 0 ? {} : { quiet: chance.quiet }),
    ...(draws.length === 0 ? {} : { draws: Object.fromEntries(draws) }),
  };
}

/** What a fault does and when, in words: `kill jm at checkpoint-triggered 1, back after 5 ms`. */
export function describeFault(fault: Fault): string {
  const { kind, after, ...fields } = fault;
  const values = new Map<string, string | number | boolean>(Object.entries(fields));
  const beginMs = Number(values.get('atMs') ?? values.get('fromMs') ?? 0);
  const target = values.has('from')
    ? `${values.get('from') ?? ''} → ${values.get('to') ?? ''}`
    : String(values.get('host') ?? '');
  const details = [...values]
    .filter(([name]) => !['atMs', 'fromMs', 'toMs', 'host', 'from', 'to'].includes(name))
    .map(([name, value]) => `${name} ${value}`);
  const lasts = 'toMs' in fault ? [`for ${fault.toMs - fault.fromMs} ms`] : [];
  return [[kind, target, momentOf(after, beginMs)].filter((word) => word !== '').join(' ')]
    .concat(lasts, details)
    .join(', ');
}

function momentOf(after: Fault['after'], beginMs: number): string {
  if (after === undefined) return beginMs === 0 ? '' : `at ${beginMs} ms`;
  const event = `${after.mark} ${after.nth}`;
  return beginMs === 0 ? `at ${event}` : `${beginMs} ms after ${event}`;
}

export function chanceOf(
  quiet: readonly string[],
  draws: Readonly<Record<string, Readonly<Record<string, number>>>>,
): ChanceScript {
  const streams = Object.entries(draws).map(([stream, values]) => {
    const numbered = Object.entries(values).map(
      ([index, value]) => [Number(index), value] as const,
    );
    return [stream, new Map(numbered)] as const;
  });
  return { quiet, draws: new Map(streams) };
}
