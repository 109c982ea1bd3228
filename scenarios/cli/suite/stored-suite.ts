// The last suite, read back from its log: what was found and how each run ended.

import { join } from 'node:path';
import { OnceproofError } from '../../../engine/core/errors.ts';
import type { FindingNew, ReportEvent, RunEnd } from '../../../reports/index.ts';
import { readEventLog } from '../../../reports/writers/index.ts';
import { didYouMean } from '../nearest.ts';

export interface StoredSuite {
  readonly findings: readonly FindingNew[];
  readonly runs: readonly RunEnd[];
  /** Replay lines of the mutants that were killed. */
  readonly kills: readonly string[];
}

/** Undefined if there is no log. */
export async function readStoredSuite(out: string): Promise<StoredSuite | undefined> {
  const read = await readEventLog(join(out, 'events.ndjson'));
  if (read.kind === 'report-failed') return undefined;
  const all: readonly ReportEvent[] = read.log.events;
  const start = all.findLastIndex((event) => event.type === 'suite.start');
  const events = all.slice(Math.max(0, start));
  const findings = new Map<string, FindingNew>();
  for (const event of events) if (event.type === 'finding.new') findings.set(event.id, event);
  return {
    findings: [...findings.values()],
    runs: events.filter((event) => event.type === 'run.end'),
    kills: events.flatMap((event) =>
      event.type === 'mutant' && event.replay !== undefined ? [event.replay] : [],
    ),
  };
}

export async function requireStoredSuite(out: string): Promise<StoredSuite> {
  const stored = await readStoredSuite(out);
  if (stored !== undefined) return stored;
  throw new OnceproofError('OP-E126', `Cannot find results: there is no ${out}/events.ndjson`, {
    remedy: 'Use "onceproof run" first, or --out to say where its results are',
  });
}

/** Words after `onceproof replay` for a name such as `F1` or `latest`. */
export async function wordsFor(name: string, out: string): Promise<readonly string[]> {
  const { findings, runs, kills } = await requireStoredSuite(out);
  if (name === 'latest') {
    const line = findings.at(-1)?.replay ?? kills.at(-1);
    const run = runs.at(-1)?.run;
    if (line !== undefined) return replayWords(line);
    if (run !== undefined) return [run];
    throw new OnceproofError('OP-E126', `Cannot find a run in ${out}/events.ndjson`);
  }
  const finding = findings.find(({ id }) => id.toLowerCase() === name.toLowerCase());
  if (finding !== undefined) return replayWords(finding.replay);
  const guess = didYouMean(
    name,
    findings.map(({ id }) => id),
  );
  throw new OnceproofError('OP-E125', `Cannot find finding "${name}" in the last suite${guess}`, {
    remedy: 'See "onceproof list findings"',
  });
}

/** Undoes the quoting of a replay line. */
function replayWords(line: string): readonly string[] {
  const words: readonly string[] = line.match(/'(?:[^']|'\\'')*'|\S+/g) ?? [];
  const start = words.indexOf('replay') + 1;
  return words.slice(start).map((word) => {
    return word.startsWith("'") ? word.slice(1, -1).replaceAll("'\\''", "'") : word;
  });
}
