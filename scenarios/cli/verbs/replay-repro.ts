// `onceproof replay` of a repro file: whether it still fails, is fixed, or proves nothing anymore.

import { summarize } from '../../../reports/index.ts';
import { judgeRepro, type ReproOutcome } from '../../repro/judge-repro.ts';
import type { Repro } from '../../repro/repro.ts';
import type { RunResult } from '../../simulate.ts';
import type { Screens } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { findingBlock } from '../output/finding-block.ts';
import type { Screen } from '../output/screen.ts';
import { lastLine } from '../output/summary.ts';
import { count, duration, plural } from '../output/text.ts';
import { loadScenario, refuseIdleMutant } from '../repro/load-scenario.ts';
import type { Request } from '../repro/request.ts';
import { openStage } from '../repro/stage.ts';
import type { Entry } from '../suite/catalog.ts';
import { readGitState } from '../suite/git.ts';
import { reproLineOf } from '../suite/replay-line.ts';
import { findingEvents } from './print-replay.ts';

export interface ReproReplay {
  readonly request: Request & { readonly kind: 'repro' };
  readonly screens: Screens;
  readonly isFixExpected: boolean;
}

export async function replayRepro(options: ReproReplay): Promise<ExitCode> {
  const { request, screens, isFixExpected } = options;
  const { repro, mutant, path } = request;
  const { entry } = await loadScenario({ ...repro.case, files: request.files, mutant });
  const { runCase } = await import('../../shrink/run-case.ts');
  const startedMs = performance.now();
  const run = { scenario: entry.scenario, stage: openStage() };
  const result = await runCase(run, repro.case, { record: true });
  const wallMs = performance.now() - startedMs;
  refuseIdleMutant(mutant);
  const outcome = judgeRepro(repro, result);
  const exit = exitOf(outcome, isFixExpected);
  const { results } = screens;
  results.write(` replaying ${path} · ${provenance(repro, mutant)}\n`);
  results.write(`${answer({ repro, outcome, result, wallMs, path }, results)}\n`);
  const events = findingEvents(
    { id: repro.case, run: repro.from, done: doneOf(result, wallMs) },
    entry,
    reproLineOf(path),
  );
  const [summary] = summarize({ events, problems: [] }).findings;
  if (summary !== undefined) {
    const block = findingBlock(summary, {
      screen: results,
      rates: [{ backend: repro.case.backend, failed: 1, of: 1 }],
      explanation: explanationOf(entry, summary.finding.property),
      look: undefined,
    });
    results.write(`\n${block}`);
  }
  results.write(`${lastLine(exit, undefined)}\n`);
  const line = { v: 1, type: 'replay', repro: path, run: repro.from, outcome: outcome.kind, exit };
  for (const one of [...events, line]) screens.printJson?.(`${JSON.stringify(one)}\n`);
  return exit;
}

function exitOf({ kind }: ReproOutcome, isFixExpected: boolean): ExitCode {
  if (!isFixExpected) return kind === 'reproduced' ? 1 : 5;
  if (kind === 'stale') return 125;
  return kind === 'not-reproduced' ? 0 : 1;
}

function doneOf({ trace: _trace, ...result }: RunResult, wallMs: number) {
  return {
    kind: 'run-done',
    sequence: 0,
    result,
    wallMs,
    trace: undefined,
    repeat: undefined,
  } as const;
}

function explanationOf({ checkers }: Entry, property: string): string | undefined {
  const explanation = checkers.find(({ name }) => name === property)?.explanation;
  return explanation && `${property}: ${explanation}`;
}

function provenance({ git, onceproof }: Repro, mutant: string | undefined): string {
  const now = readGitState();
  const at = git === undefined ? '' : `at ${git.slice(0, 7)}, `;
  const tree = now === null ? '' : `working tree ${now.sha.slice(0, 7)}`;
  return [
    `recorded ${at}onceproof ${onceproof}`,
    ...(tree === '' ? [] : [now?.dirty === true ? `${tree} with changes` : tree]),
    ...(mutant === undefined ? [] : [`mutant ${mutant}`]),
  ].join(' · ');
}

interface Answer {
  readonly repro: Repro;
  readonly outcome: ReproOutcome;
  readonly result: RunResult;
  readonly wallMs: number;
  readonly path: string;
}

function answer({ repro, outcome, result, wallMs, path }: Answer, screen: Screen): string {
  const { expect, case: one } = repro;
  const time = duration(wallMs);
  switch (outcome.kind) {
    case 'reproduced': {
      const same = outcome.isExact ? `same fingerprint ${expect.fingerprint}` : 'in other words';
      const what = `${expect.violates}, ${same}, ${count(result.steps)} steps`;
      return ` ${screen.paint('red', 'REPRODUCED')}   ${what}   ${time}`;
    }
    case 'different-violation': {
      const what = `${outcome.property} instead of ${expect.violates}, or in another way`;
      return ` ${screen.paint('yellow', 'NOT REPRODUCED')}   ${what}   ${time}`;
    }
    case 'not-reproduced': {
      const what = `${plural(one.plan.faults.length, 'fault')} struck, all properties held`;
      return [
        ` ${screen.paint('yellow', 'NOT REPRODUCED')}   ${what}   ${time}`,
        '   This looks fixed. Keep the file: it now guards against a relapse.',
      ].join('\n');
    }
    case 'stale': {
      const what = `fault ${outcome.fault} of ${outcome.of} never struck: ${outcome.text}`;
      return [
        ` ${screen.paint('yellow', 'STALE')}   ${what}   ${time}`,
        '   All properties held, but this proves nothing anymore. Search again from the run it was',
        `   made of:  npx onceproof shrink ${path}`,
      ].join('\n');
    }
  }
}
