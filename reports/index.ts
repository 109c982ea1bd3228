/**
 * Reports: what a suite of runs came to, from its event log to pages people and machines read.
 * This is the pure half, usable anywhere. What touches files is `reports/writers/index.ts`.
 */

export type * from './crash-point-events.ts';
export type * from './events.ts';
export { SCHEMA_VERSION } from './events.ts';
export type * from './finding-events.ts';
export type * from './model.ts';
export type { EventLog, LineProblem, ParsedLine } from './parse-event.ts';
export { fateOf } from './mutation-score.ts';
export { parseEvent, parseEventLog } from './parse-event.ts';
export type { Format } from './render/render.ts';
export { render } from './render/render.ts';
export type { RenderOptions } from './render/render-options.ts';
export { summarize } from './summary.ts';
