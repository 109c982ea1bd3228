// Where events go as they happen: into the log on disk, to stdout if that is for machines, and into
// memory for what is printed at the end. A log that cannot be written does not stop the suite; the
// first failure is kept and decides the exit code.

import type { ReportEvent } from '../../../reports/index.ts';
import {
  type EventLogWriter,
  openEventLog,
  type ReportFailed,
} from '../../../reports/writers/index.ts';

export class EventStream {
  readonly #events: ReportEvent[] = [];
  readonly #writer: EventLogWriter | undefined;
  readonly #print: ((line: string) => void) | undefined;
  #failure: ReportFailed | undefined;

  /** `print` gets every event as a line of JSON. */
  constructor(path: string, print: ((line: string) => void) | undefined) {
    const opened = openEventLog(path);
    if (opened.kind === 'report-failed') this.#failure = opened;
    else this.#writer = opened;
    this.#print = print;
  }

  get events(): readonly ReportEvent[] {
    return this.#events;
  }

  get failure(): ReportFailed | undefined {
    return this.#failure;
  }

  emit(event: ReportEvent): void {
    this.#events.push(event);
    this.#failure ??= this.#writer?.append(event) ?? undefined;
    this.#print?.(`${JSON.stringify(event)}\n`);
  }

  /** Not kept in memory: it says nothing that the other events do not. */
  emitProgress(event: ReportEvent & { readonly type: 'progress' }): void {
    this.#failure ??= this.#writer?.append(event) ?? undefined;
    this.#print?.(`${JSON.stringify(event)}\n`);
  }

  close(): void {
    this.#failure ??= this.#writer?.close() ?? undefined;
  }
}
