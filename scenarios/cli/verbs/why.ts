// `onceproof why`: from which step on a failing run could not be saved anymore. Tries other futures
// of it from many of its steps; exits with 0 if it found the step, and with 2 if it did not.

import { OnceproofError } from '../../../engine/core/errors.ts';
import type { Original } from '../../debug/departures.ts';
import type { NoReturn, Probe } from '../../debug/point-of-no-return.ts';
import type { ParsedLine } from '../arguments/command-line.ts';
import { DEFAULT_OUT, readScreen } from '../arguments/run-settings.ts';
import { Values } from '../arguments/values.ts';
import { type Context, openScreens } from '../context.ts';
import { type OpenedSubject, openSubject } from '../debug/open-subject.ts';
import { whyText } from '../debug/why-text.ts';
import type { ExitCode } from '../exit-codes.ts';
import { count } from '../output/text.ts';
import { refuseIdleMutant } from '../repro/load-scenario.ts';
import { readRequest } from '../repro/request.ts';
import { onStopSignal } from '../stop-signal.ts';

const DEFAULT_FOR_MS = 60_000;
const DEFAULT_TRIES = 20;
const MESSAGE_MAX = 200;

interface Budget {
  readonly forMs: number;
  readonly tries: number;
}

export async function whyVerb(line: ParsedLine, context: Context): Promise<ExitCode> {
  const values = new Values(line.typed, context.environment);
  const screens = openScreens(context, readScreen(values));
  const budget = {
    forMs: values.durationMs('for') ?? DEFAULT_FOR_MS,
    tries: values.count('tries') ?? DEFAULT_TRIES,
  };
  const request = await readRequest(line, context, values.text('out') ?? DEFAULT_OUT);
  const original = await originalOf(await openSubject(request), request.name);
  refuseIdleMutant(request.mutant);
  const { results, progress } = screens;
  const { property, message } = original.violation;
  results.write(` ${request.name} · ${property}, ${count(original.result.steps)} steps\n`);
  for (const line of message.split('\n')) results.write(`   ${shortened(line)}\n`);
  results.write('\n');
  const probes = new Map<number, Probe>();
  const found = await search(original, budget, (probe) => {
    probes.set(probe.step, probe);
    if (!progress.isTty) return;
    progress.write(` step ${count(probe.step)}: ${probe.failed} of ${probe.tries} fail\n`);
  });
  const { traitsOf } = await import('../../debug/point-of-no-return.ts');
  const traits = found.kind === 'found' ? traitsOf(found.last) : [];
  const { trace } = original;
  results.write(whyText({ found, probes: [...probes.values()], traits, trace, screen: results }));
  const isFound = found.kind === 'found' || found.kind === 'from-the-start';
  const exit: ExitCode = isFound ? 0 : 2;
  results.write(` exit ${exit}: ${isFound ? 'determined, by trying' : 'not determined'}\n`);
  screens.printJson?.(`${JSON.stringify(jsonOf(found, [...probes.values()], traits))}\n`);
  return exit;
}

function shortened(message: string): string {
  return message.length > MESSAGE_MAX ? `${message.slice(0, MESSAGE_MAX)}…` : message;
}

async function originalOf({ subject }: OpenedSubject, name: string): Promise<Original> {
  const { runSubject } = await import('../../debug/subject.ts');
  const { violationOf } = await import('../../shrink/same-violation.ts');
  const result = await runSubject(subject, { record: true });
  const violation = violationOf(result);
  if (violation === undefined) {
    throw new OnceproofError('OP-E166', `Cannot say why ${name} fails: all its properties hold`, {
      remedy: 'It is fixed, or it needs the mutant that it was found with: --mutants=<name>',
    });
  }
  const { shownBy } = await import('../../debug/departures.ts');
  const shownByMs = await shownBy(subject, result, violation);
  const { trace = [], marks } = result;
  return { subject, violation, trace, marks, result, shownByMs };
}

async function search(
  original: Original,
  { forMs, tries }: Budget,
  onProbe: (probe: Probe) => void,
): Promise<NoReturn> {
  const { findNoReturn } = await import('../../debug/point-of-no-return.ts');
  const { sharesPast, tryFuture } = await import('../../debug/departures.ts');
  const startedMs = performance.now();
  const stop = onStopSignal(() => undefined);
  try {
    return await findNoReturn({
      original,
      tries,
      attempt: (step, nth) => tryFuture(original, step, nth),
      sharesPast: (step, one) => sharesPast(original, step, one),
      isOver: () => stop.signal !== undefined || performance.now() - startedMs >= forMs,
      onProbe,
    });
  } finally {
    stop.ignore();
  }
}

function jsonOf(found: NoReturn, probes: readonly Probe[], traits: readonly object[]): object {
  const places = found.kind === 'found' ? { last: found.last.step, first: found.first.step } : {};
  return {
    v: 1,
    type: 'why',
    outcome: found.kind,
    ...places,
    probes: probes.map(({ step, tries, failed, failedOtherwise, passed }) => {
      return { step, tries, failed, failedOtherwise, passed };
    }),
    traits,
  };
}
