/**
 * The events of the log `events.ndjson`: one JSON object a line, appended as things happen.
 * The log is the truth; every report is a rendering of it. Within major version 1 fields are only
 * added, never renamed or removed, and a reader ignores types and keys it does not know.
 * Wall-clock fields are optional: a log written with `--stable` can be compared byte by byte.
 */
import type { CrashPoints } from './crash-point-events.ts';
import type { FindingEvents, FindingNew, FindingShrunk } from './finding-events.ts';

/** The major version every line carries as `v`. */
export const SCHEMA_VERSION = 1;

/** What a checker says: it held, it could not be decided, it was broken. */
export type Verdict = 'valid' | 'unknown' | 'invalid';

/** What a whole suite comes to. The report never shows a better one than its evidence allows. */
export type SuiteVerdict = 'no-violation' | 'violated' | 'inconclusive' | 'nondeterministic';

/** The first line of every log: what is about to run, and where. */
export interface SuiteStart {
  readonly v: 1;
  readonly type: 'suite.start';
  /** Version of onceproof that wrote the log. */
  readonly onceproof: string;
  /** Root seed, 16 hex digits: all run seeds derive from it. */
  readonly root: string;
  readonly git: { readonly sha: string; readonly dirty: boolean } | null;
  /** Planned cases and runs; what really ran is counted from the lines below. */
  readonly cases: number;
  readonly runs: number;
  readonly profile: string;
  /** `2/4` when this log is one of several. */
  readonly shard: string | null;
  readonly argv: readonly string[];
  readonly node: string;
  readonly platform: string;
}

/** A case is one scenario on one backend; it is run with many seeds. */
export interface CaseStart {
  readonly v: 1;
  readonly type: 'case.start';
  /** `scenario@backend`. */
  readonly case: string;
  readonly scenario: string;
  readonly backend: string;
  /** How many seeds are planned. */
  readonly seeds: number;
  readonly file?: string;
  readonly line?: number;
  /** The sentence this scenario makes executable. */
  readonly claim?: string;
  /** Every property the case declares. One that is never evaluated shows as a hollow cell. */
  readonly properties: readonly string[];
}

/** What one property came to in one run. `evaluated: 0` is declared and never looked at. */
export interface PropertyOutcome {
  readonly verdict: Verdict;
  readonly evaluated: number;
}

/** One run is over: one seed of one case. */
export interface RunEnd {
  readonly v: 1;
  readonly type: 'run.end';
  /** `scenario@backend#seed`: the token that replays it. */
  readonly run: string;
  readonly case: string;
  /** 16 hex digits; a string, because numbers lose bits past 2^53. */
  readonly seed: string;
  /** Which seed of its case, from 0. */
  readonly index: number;
  readonly verdict: Verdict;
  /** The property that decided an invalid or unknown verdict. */
  readonly property?: string;
  readonly message?: string;
  readonly steps: number;
  readonly simMs: number;
  readonly wallMs?: number;
  /** Faults that really fired, by kind. */
  readonly faults: Readonly<Record<string, number>>;
  readonly recoveries: number;
  readonly checkpoints: CheckpointCounts;
  readonly records: number;
  readonly commits: number;
  /** Running hash of the run's trace; equal seeds must give equal digests. */
  readonly digest: string;
  /** Names of the sometimes-marks this run reached. */
  readonly sometimes: readonly string[];
  readonly properties: Readonly<Record<string, PropertyOutcome>>;
}

export interface CheckpointCounts {
  readonly triggered: number;
  readonly completed: number;
  readonly aborted: number;
}

/** A state the suite wants to reach, and in how many runs it did. `runs: 0` is a missed goal. */
export interface Sometimes {
  readonly v: 1;
  readonly type: 'sometimes';
  readonly name: string;
  readonly runs: number;
  readonly of: number;
  /** The first run that reached it. */
  readonly first?: string;
}

/** How many runs were repeated, and how many of those came out different. */
export interface Determinism {
  readonly v: 1;
  readonly type: 'determinism';
  readonly repeated: number;
  readonly differed: number;
  /** The first event that was not the same twice. */
  readonly firstDifference?: string;
}

/** A known-bad engine, and whether the suite noticed. */
export interface Mutant {
  readonly v: 1;
  readonly type: 'mutant';
  readonly name: string;
  readonly description: string;
  readonly killed: boolean;
  /** The property that caught it. */
  readonly property?: string;
  /** Seeds spent until it was caught, or the whole budget; of several hunts, the median. */
  readonly seeds: number;
  readonly replay?: string;
  /** The part of the engine that it breaks. */
  readonly area?: string;
  /** The mutation operator, `M1` to `M18`. */
  readonly operator?: string;
  /** Real bugs that it brings back, as `FLINK-21351`. */
  readonly standsFor?: readonly string[];
  readonly expectedProperty?: string;
  /** How many root seeds it was hunted with, and how many of these hunts caught it. */
  readonly roots?: number;
  readonly kills?: number;
  /** Absent where more than one hunt in twenty needs more than the budget. */
  readonly seedsP95?: number;
  /** It changes nothing, so to catch it is to cry wolf. Not part of the score. */
  readonly mustSurvive?: boolean;
}

/** Saved repros, which are run before anything else. */
export interface Corpus {
  readonly v: 1;
  readonly type: 'corpus';
  readonly repros: number;
  /** Those that hold, everything they stage having happened. */
  readonly held: number;
  /** Files of those that fail. */
  readonly failed: readonly string[];
  /** Files of those that stage what does not happen anymore, and so prove nothing. */
  readonly stale: readonly string[];
}

export interface Progress {
  readonly v: 1;
  readonly type: 'progress';
  readonly runs: number;
  readonly of: number;
  readonly findings: number;
}

/** The last line. A log without one was cut short, and is reported as such. */
export interface SuiteEnd {
  readonly v: 1;
  readonly type: 'suite.end';
  readonly verdict: SuiteVerdict;
  readonly exit: number;
  readonly runs: number;
  readonly findings: number;
  readonly nondeterministic: number;
  readonly wallMs?: number;
  readonly interrupted?: boolean;
}

/** Any line of the log. */
export type ReportEvent =
  | SuiteStart
  | CaseStart
  | RunEnd
  | FindingNew
  | FindingShrunk
  | FindingEvents
  | Sometimes
  | Determinism
  | Mutant
  | Corpus
  | CrashPoints
  | Progress
  | SuiteEnd;
