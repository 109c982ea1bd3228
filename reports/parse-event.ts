/**
 * Reads lines of the event log. Nothing here throws: a line is an event, something to skip, or a
 * problem with a code, its line number and what to do. A last line cut off by a crash is expected
 * and loses only itself. Lines that are valid JSON of the wrong shape are never half-believed.
 */
import { EVENT_SHAPES } from './event-schema.ts';
import type { ReportEvent } from './events.ts';
import { SCHEMA_VERSION } from './events.ts';
import { isObject, shapeProblem } from './shape.ts';

/** A line that could not be used. */
export interface LineProblem {
  readonly kind: 'malformed';
  readonly code: 'OP-E710' | 'OP-E711' | 'OP-E712' | 'OP-E713' | 'OP-E714';
  /** Counted from 1. */
  readonly line: number;
  readonly cause: string;
  readonly remedy: string;
}

export type ParsedLine =
  | { readonly kind: 'event'; readonly event: ReportEvent }
  | { readonly kind: 'ignored'; readonly type: string }
  | LineProblem;

/** A whole log: what could be read, what could not, and whether it ends in the middle of a line. */
export interface EventLog {
  readonly events: readonly ReportEvent[];
  readonly problems: readonly LineProblem[];
  readonly ignoredLines: number;
  readonly truncated: boolean;
}

/** Reads one line. `line` is its number, for the message. */
export function parseEvent(text: string, line = 1): ParsedLine {
  const value = parseJson(text);
  if (value === undefined) {
    return problem('OP-E710', line, 'The line is not JSON');
  }
  if (!isObject(value) || typeof value['type'] !== 'string' || !Number.isInteger(value['v'])) {
    return problem('OP-E711', line, 'The line is not an event: it needs "v" and "type"');
  }
  if (value['v'] !== SCHEMA_VERSION) {
    return problem('OP-E712', line, `The line has schema version ${String(value['v'])}`);
  }
  const type = value['type'];
  const shape = EVENT_SHAPES.get(type);
  if (shape === undefined) return { kind: 'ignored', type };
  const wrong = shapeProblem(value, shape, '');
  if (wrong !== null) return problem('OP-E713', line, `Cannot read "${type}": ${wrong}`);
  return { kind: 'event', event: value as unknown as ReportEvent };
}

/** Reads a whole log. Empty lines are skipped. */
export function parseEventLog(text: string): EventLog {
  const reader = eventLogReader();
  for (const line of text.split('\n')) reader.push(line);
  return reader.end();
}

/** Reads a log line by line, so that one larger than the longest string can still be read. */
export function eventLogReader(): { push(line: string): void; end(): EventLog } {
  const events: ReportEvent[] = [];
  const problems: LineProblem[] = [];
  let ignoredLines = 0;
  let lineNumber = 0;
  let lastLine = 0;
  return {
    push(text) {
      lineNumber += 1;
      if (text.trim() === '') return;
      lastLine = lineNumber;
      const parsed = parseEvent(text, lineNumber);
      if (parsed.kind === 'event') events.push(parsed.event);
      else if (parsed.kind === 'ignored') ignoredLines += 1;
      else problems.push(parsed);
    },
    end() {
      const last = problems.at(-1);
      const truncated = last?.code === 'OP-E710' && last.line === lastLine;
      if (truncated) problems.push(truncatedLine(problems.pop()?.line ?? lastLine));
      return { events, problems, ignoredLines, truncated };
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const REMEDIES = {
  'OP-E710': 'Remove the line, or run the suite again; the other lines are used',
  'OP-E711': 'Check that the file is an onceproof event log (events.ndjson)',
  'OP-E712': `Read it with the onceproof that wrote it; this one reads version ${SCHEMA_VERSION}`,
  'OP-E713': 'Report it with this line if onceproof wrote it; the other lines are used',
  'OP-E714': 'None needed: every line before it is complete and was used',
} as const;

function problem(code: LineProblem['code'], line: number, cause: string): LineProblem {
  return { kind: 'malformed', code, line, cause, remedy: REMEDIES[code] };
}

function truncatedLine(line: number): LineProblem {
  return problem('OP-E714', line, 'The last line is cut off, as a crash leaves it');
}
