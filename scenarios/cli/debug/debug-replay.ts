// `onceproof replay --until`, `--break`, `--step` and `--print`: stops a run in the middle and
// shows what is there.

import { OnceproofError } from '../../../engine/core/errors.ts';
import type { Values } from '../arguments/values.ts';
import type { Screens } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { count } from '../output/text.ts';
import { refuseIdleMutant } from '../repro/load-scenario.ts';
import type { Request } from '../repro/request.ts';
import {
  type Breakpoint,
  endOf,
  parseBreakpoint,
  parsePlace,
  type Place,
  stepOf,
  stepOfBreak,
} from '../../debug/positions.ts';
import type { View } from '../../debug/look.ts';
import { takeCommands } from './commands.ts';
import { Debugger } from './debugger.ts';
import { openSubject } from './open-subject.ts';
import { parsePrint, type Print } from './view-text.ts';

export interface DebugWishes {
  readonly until: Place | undefined;
  readonly breakpoint: Breakpoint | undefined;
  readonly prints: readonly Print[];
  readonly steps: boolean;
}

/** Undefined for a replay that is not to be stopped. Throws OP-E112 and OP-E167. */
export function debugWishes(values: Values): DebugWishes | undefined {
  const [until, breaks, prints] = [
    values.text('until'),
    values.text('break'),
    values.list('print'),
  ];
  const steps = values.isOn('step');
  if (until === undefined && breaks === undefined && prints === undefined && !steps) return;
  const place = until === undefined ? undefined : parsePlace(until);
  if (until !== undefined && place === undefined) {
    throw values.unusable('until', 'it must be a step or a time, as in 1861 or 12.377s');
  }
  const breakpoint = breaks === undefined ? undefined : parseBreakpoint(breaks);
  if (breaks !== undefined && breakpoint === undefined) {
    throw values.unusable('break', 'it must be a regular expression, with :<nth> behind it or not');
  }
  return { until: place, breakpoint, prints: (prints ?? []).map(parsePrint), steps };
}

export async function debugReplay(
  request: Request,
  wishes: DebugWishes,
  screens: Screens,
): Promise<ExitCode> {
  const { subject, title } = await openSubject(request);
  const { runSubject } = await import('../../debug/subject.ts');
  const { digestBefore, lookBefore } = await import('../../debug/look.ts');
  const result = await runSubject(subject, { record: true });
  refuseIdleMutant(request.mutant);
  const trace = result.trace ?? [];
  const end = endOf(trace);
  const { results } = screens;
  const { verdict, property = 'unnamed' } = result;
  const ending = verdict === 'invalid' ? `violates ${property}` : 'all properties hold';
  results.write(` replaying ${title} · ${count(end - 1)} steps, ${ending}\n`);
  const debugged = new Debugger({
    trace,
    look: (step) => lookBefore(subject, step),
    digestBefore: (step) => digestBefore(trace, step),
    breakpoint: wishes.breakpoint,
    prints: wishes.prints,
    write: (text) => {
      results.write(text);
    },
    onPlace: (view) => {
      if (screens.printJson !== undefined) screens.printJson(`${JSON.stringify(jsonOf(view))}\n`);
    },
  });
  await debugged.goTo(startOf(wishes, trace));
  if (wishes.steps) await takeCommands(debugged);
  return 0;
}

/** Without keyed states: they may hold what JSON cannot. */
function jsonOf(view: View | undefined): object {
  const about = { v: 1, type: 'replay.place' };
  if (view === undefined) return { ...about, isEnd: true };
  const { states: _, files, ...rest } = view;
  return { ...about, ...rest, files: [...files] };
}

/** What comes first of where to go and what to stop at. */
function startOf(
  { until, breakpoint, steps }: DebugWishes,
  trace: Parameters<typeof stepOf>[1],
): number {
  const wanted = until === undefined ? undefined : stepOf(until, trace);
  if (breakpoint !== undefined) {
    const found = stepOfBreak(breakpoint, trace);
    if (found === undefined && wanted === undefined) throw noSuchEvent(breakpoint);
    if (found !== undefined) return wanted === undefined ? found : Math.min(wanted, found);
  }
  return wanted ?? (steps ? 1 : endOf(trace) - 1);
}

function noSuchEvent({ pattern, nth }: Breakpoint): OnceproofError {
  const often = nth === 1 ? 'no event' : `no ${nth} events`;
  return new OnceproofError('OP-E169', `Cannot stop: ${often} of the run match ${pattern}`, {
    remedy: 'See what there is with "onceproof replay --print-events"',
  });
}
