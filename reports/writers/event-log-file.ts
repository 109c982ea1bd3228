/**
 * Reads an event log from a file, line by line, so that its size is bounded by memory for the
 * events and not by the longest string there can be.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { EventLog } from '../parse-event.ts';
import { eventLogReader } from '../parse-event.ts';
import type { ReportFailed } from './report-error.ts';
import { reportFailed } from './report-error.ts';

export interface EventLogRead {
  readonly kind: 'event-log-read';
  readonly log: EventLog;
}

export async function readEventLog(path: string): Promise<EventLogRead | ReportFailed> {
  const reader = eventLogReader();
  const input = createReadStream(path, 'utf8');
  try {
    // Only \n and \r\n end a line; a lone \r inside JSON text is escaped, so it cannot occur.
    const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
    for await (const line of lines) reader.push(line);
    return { kind: 'event-log-read', log: reader.end() };
  } catch (error) {
    return reportFailed('OP-E703', path, error);
  } finally {
    input.destroy();
  }
}
