// The scenarios' public API: define claims, run one from a seed, judge a history. What the command
// line uses, and what a user's own scenario file imports.

export {
  type Checker,
  type Finding,
  type FinishedFile,
  type History,
  invalid,
  type JobEnd,
  NOT_EXERCISED,
  type ObservedCommit,
  type TimedEvent,
  unknown,
  valid,
} from './checkers/checker.ts';
export { STANDARD_CHECKERS } from './checkers/index.ts';
export type { Guarantee } from './guarantee.ts';
export {
  type BackendName,
  defineScenario,
  isScenario,
  type JobContext,
  type Rescale,
  type Scenario,
  type ScenarioCheckpoints,
  type ScenarioCluster,
  type ScenarioDefinition,
  type Workload,
} from './scenario.ts';
export {
  type PropertyResult,
  type RunOptions,
  type RunResult,
  simulate,
} from './simulate.ts';
export type { ScheduleRow } from './schedule.ts';
export { scenarios } from './suites/index.ts';
export { alignedAndUnaligned, CLUSTER_FAULTS, DISK_FAULTS } from './suites/variants.ts';
export { type Visit, visits, type VisitsOptions } from './workloads/visits.ts';
