/**
 * The half of reports that touches files: appending to the event log, and rendering one to disk.
 * Failures are values with a code and a remedy; nothing here throws for a bad path or a full disk.
 */

export type { EventLogRead } from './event-log-file.ts';
export { readEventLog } from './event-log-file.ts';
export type { EventLogWriter } from './event-log-writer.ts';
export { openEventLog } from './event-log-writer.ts';
export type { RenderRequest, ReportResult, WrittenReport } from './render-reports.ts';
export { renderReports } from './render-reports.ts';
export type { ReportFailed } from './report-error.ts';
export type { StepSummaryResult } from './step-summary.ts';
