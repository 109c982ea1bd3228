/**
 * The events of the log that describe a finding: one property broken by one minimal schedule.
 * They hold everything the finding card, the event log and the space-time diagram show, so a
 * report can be rendered again years later without running anything.
 */

/** One line of a minimal schedule: what was staged, what happened, and what broke. */
export interface ScheduleStep {
  readonly timeMs: number;
  readonly host: string;
  readonly text: string;
  readonly kind: 'fault' | 'event' | 'violation';
}

/** In how many runs of the case the property broke. */
export interface FailureRate {
  readonly failed: number;
  readonly of: number;
}

export interface FindingNew {
  readonly v: 1;
  readonly type: 'finding.new';
  /** `F1`, `F2`, … in the order of discovery. */
  readonly id: string;
  /** Same bug, same fingerprint, whatever the seed. */
  readonly fingerprint: string;
  readonly property: string;
  readonly case: string;
  readonly run: string;
  readonly message: string;
  /** Lines of the expected and the actual output; the report shows their difference. */
  readonly expected?: readonly string[];
  readonly actual?: readonly string[];
  /** Left out: counted from the run.end lines of the case. */
  readonly rate?: FailureRate;
  readonly schedule: readonly ScheduleStep[];
  /** The whole command that shows it again. */
  readonly replay: string;
}

/** Replaces the schedule and the replay line of a finding once it was minimised. */
export interface FindingShrunk {
  readonly v: 1;
  readonly type: 'finding.shrunk';
  readonly id: string;
  readonly schedule: readonly ScheduleStep[];
  readonly replay: string;
  /** Faults of the schedule that was found, before minimising. */
  readonly faultsBefore?: number;
  readonly steps?: number;
}

/** The trace of a finding. Several lines for one id are appended to each other. */
export interface FindingEvents {
  readonly v: 1;
  readonly type: 'finding.events';
  readonly id: string;
  readonly events: readonly TraceEvent[];
}

/**
 * One event of a run. The diagram gives these kinds a mark of their own, by the word the kind
 * starts with or contains: `send`, `deliver`, `drop`, `duplicate`, `fault`, `crash`, `restart`,
 * `checkpoint`, `barrier`, `commit`, `violation`. Any other kind is a plain dot.
 */
export interface TraceEvent {
  readonly step: number;
  readonly timeMs: number;
  readonly host: string;
  readonly kind: string;
  readonly text: string;
  /** Both ends of a message, on `send`, `deliver` and `drop`. */
  readonly from?: string;
  readonly to?: string;
  /** Pairs a send with its delivery or loss. Unpaired messages are drawn level. */
  readonly message?: string;
  readonly checkpoint?: number;
  /** Step of the event that caused this one. */
  readonly cause?: number;
}
