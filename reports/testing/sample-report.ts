/**
 * Shortcuts for tests: a sample log as a report, and a log with foreign text in every field that
 * can hold some.
 */
import type { ReportEvent, SuiteVerdict } from '../events.ts';
import type { Report } from '../model.ts';
import { parseEventLog } from '../parse-event.ts';
import { summarize } from '../summary.ts';
import { sampleLog, toLines } from './sample-log.ts';
import { sampleFinding, sampleTrace } from './sample-trace.ts';

export function sampleReport(verdict: SuiteVerdict, seeds = 40): Report {
  return reportOf(sampleLog({ verdict, seeds }));
}

/** Goes through the text of the log, as a real report does. */
export function reportOf(events: readonly ReportEvent[]): Report {
  return summarize(parseEventLog(toLines(events)));
}

/** A log in which `text` stands wherever a scenario, a property or a trace can put text. */
export function foreignLog(text: string): ReportEvent[] {
  const finding = sampleFinding();
  return [
    ...sampleLog({ verdict: 'violated', seeds: 8 }),
    {
      v: 1,
      type: 'case.start',
      case: `${text}@${text}`,
      scenario: text,
      backend: text,
      seeds: 1,
      file: text,
      claim: text,
      properties: [text],
    },
    {
      ...finding,
      id: 'F2',
      property: text,
      message: text,
      expected: [text],
      actual: [text, text],
      schedule: [{ timeMs: 1, host: text, text, kind: 'fault' }],
      replay: text,
    },
    {
      v: 1,
      type: 'finding.events',
      id: 'F2',
      events: sampleTrace().map((event) => ({ ...event, host: text, text, to: text })),
    },
    { v: 1, type: 'sometimes', name: text, runs: 0, of: 1, first: text },
    { v: 1, type: 'determinism', repeated: 1, differed: 0, firstDifference: text },
    {
      v: 1,
      type: 'mutant',
      name: text,
      description: text,
      killed: true,
      property: text,
      seeds: 1,
      replay: text,
      area: text,
      operator: text,
      standsFor: [text],
      expectedProperty: text,
    },
  ];
}

/** A log with `findings` findings of `events` events each. */
export function largeLog(findings: number, events: number): ReportEvent[] {
  const traces = Array.from({ length: findings }, (_, index): ReportEvent[] => {
    const id = `F${index + 2}`;
    const trace = Array.from({ length: events }, (_, step) => ({
      step,
      timeMs: step,
      host: `tm-${step % 5}`,
      kind: 'process',
      text: `event ${step} of a long trace`,
    }));
    return [
      { ...sampleFinding(), id },
      { v: 1, type: 'finding.events', id, events: trace },
    ];
  });
  return [...sampleLog({ verdict: 'violated', seeds: 40 }), ...traces.flat()];
}
