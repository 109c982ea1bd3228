// `onceproof shrink`: makes a failing run as small as can be, and writes what is left into a repro
// file. It may be stopped at any time: the smallest run so far is what counts then.

import type { FindingShrunk } from '../../../reports/index.ts';
import { expectationOf } from '../../repro/judge-repro.ts';
import type { Repro } from '../../repro/repro.ts';
import type { CaseRun } from '../../shrink/run-case.ts';
import { shrink, type ShrinkResult } from '../../shrink/shrink.ts';
import type { ParsedLine } from '../arguments/command-line.ts';
import { DEFAULT_OUT, readScreen } from '../arguments/run-settings.ts';
import { Values } from '../arguments/values.ts';
import { type Context, openScreens } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { lastLine } from '../output/summary.ts';
import { loadScenario, refuseIdleMutant } from '../repro/load-scenario.ts';
import { reproPathOf, writeRepro } from '../repro/repro-files.ts';
import { readRequest, type Request } from '../repro/request.ts';
import { nothingFails, type Start, startOf } from '../repro/start-of.ts';
import { openStage } from '../repro/stage.ts';
import { onStopSignal } from '../stop-signal.ts';
import { readGitState } from '../suite/git.ts';
import { reproLineOf } from '../suite/replay-line.ts';
import { minimalText, passText, startText } from './shrink-text.ts';

const DEFAULT_FOR_MS = 60_000;

type Shrunk = ShrinkResult & { readonly kind: 'shrunk' };

interface Budget {
  readonly forMs: number;
  readonly triesMax: number;
}

export async function shrinkVerb(line: ParsedLine, context: Context): Promise<ExitCode> {
  const values = new Values(line.typed, context.environment);
  const screens = openScreens(context, readScreen(values));
  const out = values.text('out') ?? DEFAULT_OUT;
  const triesMax = values.count('tries');
  const budget: Budget = {
    // Whoever gives a number of tries wants the same result on every machine.
    forMs: values.durationMs('for') ?? (triesMax === undefined ? DEFAULT_FOR_MS : Infinity),
    triesMax: triesMax ?? Infinity,
  };
  const startedMs = performance.now();
  const request = await readRequest(line, context, out);
  const { mutant, files } = request;
  const { scenario: id, backend } = request.kind === 'run' ? request.id : request.repro.case;
  const { entry } = await loadScenario({ scenario: id, backend, files, mutant });
  const { simulate } = await import('../../simulate.ts');
  const tools = await import('../../shrink/run-case.ts');
  const run: CaseRun = { scenario: entry.scenario, stage: openStage() };
  const start = await startOf(request, run, { ...tools, simulate });
  refuseIdleMutant(mutant);
  const { results } = screens;
  const shrunk = await shrinkWithin(budget, run, start, {
    onStart: (result) => results.write(`${startText(request.name, start, result)}\n`),
    onPass: (pass) => {
      const text = passText(pass);
      if (text !== undefined) results.write(`${text}\n`);
    },
  });
  const smallest = await tools.runCase(run, shrunk.smallest.case, { record: true });
  const repro = reproOf({ request, start, shrunk, context }, expectationOf(id, smallest));
  const path = values.text('to') ?? pathOf(request, out, repro);
  writeRepro(path, repro);
  const wallMs = performance.now() - startedMs;
  results.write(`${minimalText(shrunk, { path, wallMs, screen: results })}\n`);
  const event: FindingShrunk & { readonly repro: string } = {
    v: 1,
    type: 'finding.shrunk',
    id: request.name,
    schedule: smallest.schedule,
    replay: reproLineOf(path),
    faultsBefore: start.faultsBefore,
    steps: smallest.steps,
    repro: path,
  };
  screens.printJson?.(`${JSON.stringify(event)}\n`);
  if (shrunk.isMinimal) return 0;
  results.write(`${lastLine(2, undefined)}\n`);
  return 2;
}

interface Listener {
  readonly onStart: (start: Shrunk['start']) => void;
  readonly onPass: NonNullable<Parameters<typeof shrink>[0]['onPass']>;
}

async function shrinkWithin(
  { forMs, triesMax }: Budget,
  run: CaseRun,
  start: Start,
  { onStart, onPass }: Listener,
): Promise<Shrunk> {
  const { attemptCase, timingDraws } = await import('../../shrink/run-case.ts');
  const startedMs = performance.now();
  const stop = onStopSignal(() => undefined);
  let isFirst = true;
  const result = await shrink({
    scenario: run.scenario,
    start: start.case,
    attempt: async (one) => {
      const attempt = await attemptCase(run, one, start.violation);
      if (isFirst) onStart({ case: one, attempt });
      isFirst = false;
      return attempt;
    },
    drawsOf: (one) => timingDraws(run, one),
    triesMax,
    isOver: () => stop.signal !== undefined || performance.now() - startedMs >= forMs,
    onPass,
  });
  stop.ignore();
  if (result.kind === 'not-failing') throw nothingFails(start.from);
  return result;
}

interface Made {
  readonly request: Request;
  readonly start: Start;
  readonly shrunk: Shrunk;
  readonly context: Context;
}

function reproOf({ request, start, shrunk, context }: Made, expect: Repro['expect']): Repro {
  const git = readGitState()?.sha;
  const { mutant, files } = request;
  return {
    onceproof: context.version,
    ...(git === undefined ? {} : { git }),
    ...(mutant === undefined ? {} : { mutant }),
    ...(files.length === 0 ? {} : { files }),
    from: start.from,
    expect,
    case: shrunk.smallest.case,
  };
}

/** A repro is replaced by the smaller one. */
function pathOf(request: Request, out: string, { expect }: Repro): string {
  if (request.kind === 'repro') return request.path;
  return reproPathOf(out, request.name, expect.fingerprint);
}
