/**
 * Appends events to `events.ndjson`, one write a line, in the order of the calls. A line that was
 * written is in the hands of the operating system: it survives the end of this process, not a
 * power failure, until `close()` resolves. After the first failure nothing more is written.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ReportEvent } from '../events.ts';
import type { ReportFailed } from './report-error.ts';
import { reportFailed } from './report-error.ts';

export interface EventLogWriter {
  readonly kind: 'event-log';
  readonly path: string;
  /** Null when the line is written; else why it is not. Later calls repeat the first failure. */
  append(event: ReportEvent): ReportFailed | null;
  /** Makes the log durable. Calling it again is allowed and does nothing. */
  close(): ReportFailed | null;
}

/** Starts a new log at `path`, or goes on with one that is there when `append` is set. */
export function openEventLog(
  path: string,
  options: { readonly append?: boolean } = {},
): EventLogWriter | ReportFailed {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return eventLogWriter(path, openSync(path, options.append === true ? 'a' : 'w'));
  } catch (error) {
    return reportFailed('OP-E701', path, error);
  }
}

function eventLogWriter(path: string, file: number): EventLogWriter {
  let failure: ReportFailed | null = null;
  let isOpen = true;
  return {
    kind: 'event-log',
    path,
    append(event) {
      if (!isOpen) failure ??= reportFailed('OP-E704', path, 'the log is closed');
      if (failure !== null) return failure;
      try {
        writeWhole(file, Buffer.from(`${JSON.stringify(event)}\n`, 'utf8'));
      } catch (error) {
        failure = reportFailed('OP-E704', path, error);
      }
      return failure;
    },
    close() {
      if (!isOpen) return failure;
      isOpen = false;
      try {
        fsyncSync(file);
        closeSync(file);
      } catch (error) {
        failure ??= reportFailed('OP-E704', path, error);
      }
      return failure;
    },
  };
}

/** A write may take a part only. */
function writeWhole(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(file, bytes, written);
  }
}
