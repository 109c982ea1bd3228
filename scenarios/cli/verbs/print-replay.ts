// What a replay prints: the answer first, then the last events, then the finding, and at the end
// the exit code with its meaning.

import { type ReportEvent, summarize } from '../../../reports/index.ts';
import type { TraceEvent } from '../../../reports/index.ts';
import type { Screens } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { findingBlock } from '../output/finding-block.ts';
import type { Screen, Style } from '../output/screen.ts';
import { lastLine } from '../output/summary.ts';
import { count, duration, plural } from '../output/text.ts';
import type { Entry } from '../suite/catalog.ts';
import { FindingBook } from '../suite/finding-book.ts';
import type { PlannedRun } from '../suite/plan.ts';
import { replayLineOf } from '../suite/replay-line.ts';
import { runEnd } from '../suite/run-suite.ts';
import type { ReplayOutcome, Replayed } from './replay-outcome.ts';

export interface ReplayPrint {
  readonly replayed: Replayed;
  readonly entry: Entry;
  readonly files: readonly string[];
  readonly mutant: string | undefined;
  readonly screens: Screens;
  readonly printsAllEvents: boolean;
  readonly exit: ExitCode;
}

const EVENTS_SHOWN = 20;

export function printReplay(print: ReplayPrint): void {
  const { replayed, screens, printsAllEvents, exit, mutant, entry, files } = print;
  const { results } = screens;
  const events = replayed.done.trace ?? [];
  const { run } = replayed;
  const line = replayLineOf({ run, files, ...(mutant === undefined ? {} : { mutant }) });
  const found = findingEvents(replayed, entry, line);
  if (screens.printJson !== undefined) printJson(print, found, events);
  const engine = mutant === undefined ? '' : ` · mutant ${mutant}`;
  results.write(` replaying ${replayed.run}${engine}\n`);
  results.write(`${answer(replayed, results)}\n\n`);
  const shown = printsAllEvents ? events : events.slice(-EVENTS_SHOWN);
  const more = events.length - shown.length;
  results.write(
    `   Events${more > 0 ? `, the last ${shown.length} of ${count(events.length)}` : ''}\n`,
  );
  for (const event of shown) results.write(`${eventLine(event)}\n`);
  const [summary] = summarize({ events: found, problems: [] }).findings;
  if (summary !== undefined) {
    const { backend } = replayed.id;
    const explanation = print.entry.checkers.find(
      ({ name }) => name === summary.finding.property,
    )?.explanation;
    const block = findingBlock(summary, {
      screen: results,
      rates: [{ backend, failed: 1, of: 1 }],
      explanation: explanation && `${summary.finding.property}: ${explanation}`,
      look: undefined,
    });
    results.write(`\n${block}`);
  }
  results.write(`${lastLine(exit, undefined)}\n`);
}

function answer({ done, recorded, outcome }: Replayed, screen: Screen): string {
  const { property = 'nothing', digest, steps, simMs, faults } = done.result;
  const times = Object.values(faults).reduce((sum, count) => sum + count, 0);
  const same = recorded?.digest === digest ? 'identical to the recording' : 'not as recorded';
  const { word, style, what, hint } = wordingOf(outcome, property, recorded?.property);
  return [
    ` ${screen.paint(style, word)}   ${what}   ${duration(done.wallMs)}`,
    `   ${count(steps)} steps, ${duration(simMs)} simulated, ${plural(times, 'fault')}`,
    recorded === undefined ? `   digest ${digest}` : `   event trace ${same} (${digest})`,
    ...(hint === undefined ? [] : [`   ${hint}`]),
  ].join('\n');
}

interface Wording {
  readonly word: string;
  readonly style: Style;
  readonly what: string;
  readonly hint?: string;
}

function wordingOf(outcome: ReplayOutcome, property: string, before: string | undefined): Wording {
  switch (outcome) {
    case 'reproduced':
      return { word: 'REPRODUCED', style: 'red', what: property };
    case 'held-as-recorded':
      return { word: 'REPRODUCED', style: 'green', what: 'all properties held, as recorded' };
    case 'newly-violated':
      return { word: 'VIOLATED', style: 'red', what: `${property}; it was recorded as holding` };
    case 'different-violation':
      return {
        word: 'NOT REPRODUCED',
        style: 'yellow',
        what: `${property} instead of ${before ?? 'another'}, or with another message`,
      };
    case 'not-reproduced':
      return {
        word: 'NOT REPRODUCED',
        style: 'yellow',
        what: 'all properties held',
        hint: 'It is fixed, or the engine, the scenario or the simulator has changed since.',
      };
  }
}

/** A log of this one run, from which the same finding block is made as after a suite. */
export function findingEvents(
  { id, run, done }: Pick<Replayed, 'id' | 'run' | 'done'>,
  entry: Entry,
  replayLine: string,
): ReportEvent[] {
  const { scenario, source, checkers } = entry;
  const one = { id: `${id.scenario}@${id.backend}`, entry, backend: id.backend };
  const planned: PlannedRun = {
    ...id,
    sequence: 0,
    isRepeated: false,
    record: 'all',
    run,
    case: one,
    index: 0,
  };
  const book = new FindingBook(() => replayLine);
  const finding = book.add(planned, done);
  return [
    {
      v: 1,
      type: 'case.start',
      case: one.id,
      scenario: scenario.id,
      backend: id.backend,
      seeds: 1,
      ...(source === undefined ? {} : { file: source.file, line: source.line }),
      claim: scenario.claim,
      properties: checkers.map(({ name }) => name),
    },
    runEnd(planned, done, false),
    ...(finding === undefined ? [] : [finding.event]),
  ];
}

function printJson(
  { screens, replayed, exit }: ReplayPrint,
  found: readonly ReportEvent[],
  events: readonly TraceEvent[],
): void {
  const { outcome, run } = replayed;
  const lines: readonly object[] = [
    ...found,
    { v: 1, type: 'finding.events', id: 'F1', events },
    { v: 1, type: 'replay', run, outcome, exit },
  ];
  for (const line of lines) screens.printJson?.(`${JSON.stringify(line)}\n`);
}

function eventLine({ step, timeMs, host, kind, text, from, to }: TraceEvent): string {
  const time = `${(timeMs / 1_000).toFixed(3)}s`.padStart(10);
  const way = from === undefined || to === undefined ? host : `${from} → ${to}`;
  const what = text.startsWith(kind) ? text : `${kind} ${text}`;
  return `  ${String(step).padStart(6)} ${time}  ${way.padEnd(14)} ${what}`;
}
