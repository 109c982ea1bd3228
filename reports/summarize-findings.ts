/**
 * Gathers what the log says about each finding over several lines: the discovery, the minimised
 * schedule, the trace. A trace or a schedule for an id that was never announced is dropped.
 */
import { diffLines } from './diff-lines.ts';
import type { ReportEvent } from './events.ts';
import type { FindingNew, FindingShrunk, TraceEvent } from './finding-events.ts';
import type { CaseSummary, FindingSummary } from './model.ts';

interface Gathered {
  finding: FindingNew;
  shrunk: FindingShrunk | null;
  readonly events: TraceEvent[];
}

export function summarizeFindings(
  log: readonly ReportEvent[],
  cases: readonly CaseSummary[],
): FindingSummary[] {
  const gathered = new Map<string, Gathered>();
  for (const event of log) {
    if (event.type === 'finding.new') {
      gathered.set(event.id, { finding: event, shrunk: null, events: [] });
    }
    if (event.type === 'finding.shrunk') {
      const known = gathered.get(event.id);
      if (known !== undefined) known.shrunk = event;
    }
    if (event.type === 'finding.events') {
      for (const traced of event.events) gathered.get(event.id)?.events.push(traced);
    }
  }
  return [...gathered.values()].map((known) => summarizeFinding(known, cases));
}

function summarizeFinding(known: Gathered, cases: readonly CaseSummary[]): FindingSummary {
  const { shrunk, events } = known;
  const finding = { ...known.finding, ...minimal(shrunk) };
  const home = cases.find((summary) => summary.case === finding.case);
  const scenario = home?.scenario ?? finding.case.replace(/@[^@]*$/, '');
  const cell = home?.properties.find((property) => property.property === finding.property);
  return {
    finding,
    scenario,
    backend: home?.backend ?? finding.case.slice(scenario.length + 1),
    seed: finding.run.slice(finding.run.lastIndexOf('#') + 1),
    source: home?.source ?? null,
    rate: finding.rate ?? { failed: cell?.violatedRuns ?? 1, of: home?.runs ?? 1 },
    elsewhere: cases
      .filter((other) => other.scenario === scenario && other.case !== finding.case)
      .flatMap(({ backend, properties }) =>
        properties
          .filter((property) => property.property === finding.property)
          .map((property) => ({ backend, cell: property })),
      ),
    diff: diffLines(finding.expected ?? [], finding.actual ?? []),
    faults: finding.schedule.filter((step) => step.kind === 'fault').length,
    faultsBefore: shrunk?.faultsBefore ?? null,
    events,
  };
}

function minimal(shrunk: FindingShrunk | null): Partial<FindingNew> {
  return shrunk === null ? {} : { schedule: shrunk.schedule, replay: shrunk.replay };
}
