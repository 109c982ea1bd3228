/**
 * The one model every rendering is made from; it is what `results.json` holds.
 * Whatever a renderer shows is in here already counted, so no two renderings can disagree.
 * Lists are in a fixed order: the log's, or ascending by name where the log has none.
 */
import type { CrashPoints } from './crash-point-events.ts';
import type {
  CheckpointCounts,
  Corpus,
  Determinism,
  Mutant,
  SuiteVerdict,
  Verdict,
} from './events.ts';
import type { FailureRate, FindingNew, TraceEvent } from './finding-events.ts';

/** The three numbers printed by every rendering. */
export interface Totals {
  readonly runs: number;
  readonly findings: number;
  readonly cases: number;
}

/** The mutation score of one part of the engine. */
export interface AreaScore {
  readonly area: string;
  readonly killed: number;
  readonly of: number;
}

export interface NamedCount {
  readonly name: string;
  readonly count: number;
}

/** What a property came to on one case or backend. `never` was declared and not once evaluated. */
export type CellStatus = 'held' | 'violated' | 'inconclusive' | 'never' | 'absent';

export interface Cell {
  readonly status: CellStatus;
  /** How often the property was evaluated. */
  readonly evaluated: number;
  readonly runs: number;
  readonly violatedRuns: number;
  readonly unknownRuns: number;
}

export interface PropertyCell extends Cell {
  readonly property: string;
  /** What these runs prove about this property. */
  readonly bound: string;
}

/** A row of the matrix: one property, one cell for each backend of `Report.backends`. */
export interface MatrixRow {
  readonly property: string;
  readonly cells: readonly Cell[];
}

export interface CaseSummary {
  readonly case: string;
  readonly scenario: string;
  readonly backend: string;
  readonly claim: string | null;
  /** `file:line` of the scenario. */
  readonly source: string | null;
  readonly planned: number;
  readonly runs: number;
  readonly invalid: number;
  readonly unknown: number;
  readonly faults: number;
  readonly recoveries: number;
  readonly checkpoints: CheckpointCounts;
  readonly simMs: number;
  readonly wallMs: number;
  readonly properties: readonly PropertyCell[];
  /** Seed of the first invalid run, else of the first run. */
  readonly seed: string | null;
  /** What the number of runs proves. */
  readonly bound: string;
}

/** A line of the difference between expected and actual output. */
export interface DiffLine {
  readonly mark: 'same' | 'missing' | 'added' | 'skipped';
  readonly text: string;
}

export interface FindingSummary {
  readonly finding: FindingNew;
  readonly scenario: string;
  readonly backend: string;
  readonly seed: string;
  readonly source: string | null;
  readonly rate: FailureRate;
  /** The other backends of the scenario, and what the property came to there. */
  readonly elsewhere: readonly { readonly backend: string; readonly cell: Cell }[];
  readonly diff: readonly DiffLine[];
  readonly faults: number;
  readonly faultsBefore: number | null;
  readonly events: readonly TraceEvent[];
}

export interface SometimesSummary {
  readonly name: string;
  readonly runs: number;
  readonly of: number;
  readonly first: string | null;
}

export interface RunSummary {
  readonly run: string;
  readonly verdict: Verdict;
  readonly property: string | null;
  readonly steps: number;
  readonly simMs: number;
  readonly faults: number;
  readonly recoveries: number;
  readonly commits: number;
  readonly digest: string;
}

/** Something the reader of the report must know about the log itself. */
export interface Notice {
  readonly code: string;
  readonly text: string;
}

export interface EnvironmentSummary {
  readonly onceproof: string;
  readonly root: string;
  readonly git: string | null;
  readonly profile: string;
  readonly shard: string | null;
  readonly command: string;
  readonly node: string;
  readonly platform: string;
}

/** The rule of three, in words: what n runs without a violation rule out, and what they do not. */
export interface Confidence {
  readonly perCase: number | null;
  readonly overall: number | null;
  readonly text: string;
}

export interface Report {
  readonly schemaVersion: 1;
  readonly verdict: SuiteVerdict;
  readonly headline: string;
  readonly exit: number;
  readonly exitMeaning: string;
  /** False when the log has no suite.end, or the suite was interrupted. */
  readonly complete: boolean;
  readonly totals: Totals;
  readonly plannedRuns: number;
  readonly plannedCases: number;
  readonly invalidRuns: number;
  readonly unknownRuns: number;
  readonly environment: EnvironmentSummary;
  readonly confidence: Confidence;
  /** What the runs do not show, one sentence each: unreached goals, hollow cells, survivors. */
  readonly gaps: readonly string[];
  readonly simMs: number;
  readonly wallMs: number | null;
  readonly steps: number;
  readonly records: number;
  readonly commits: number;
  readonly recoveries: number;
  readonly checkpoints: CheckpointCounts;
  readonly faults: readonly NamedCount[];
  readonly faultsTotal: number;
  readonly backends: readonly string[];
  readonly matrix: readonly MatrixRow[];
  readonly cases: readonly CaseSummary[];
  readonly findings: readonly FindingSummary[];
  /** Unreached first, then the rarest. */
  readonly sometimes: readonly SometimesSummary[];
  readonly determinism: Omit<Determinism, 'v' | 'type'> | null;
  /** Null if there are no saved repros, or they were not run. */
  readonly corpus: Omit<Corpus, 'v' | 'type'> | null;
  /** Empty where no crash points were tried. */
  readonly crashGrids: readonly Omit<CrashPoints, 'v' | 'type'>[];
  readonly mutants: readonly Omit<Mutant, 'v' | 'type'>[];
  readonly mutantsKilled: number;
  /** How many count: all but the ones that must survive. */
  readonly mutantsScored: number;
  readonly mutantAreas: readonly AreaScore[];
  readonly runs: readonly RunSummary[];
  readonly notices: readonly Notice[];
}
