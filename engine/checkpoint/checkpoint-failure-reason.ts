// Why a checkpoint did not complete: Flink's CheckpointFailureReason, as plain words. Every abort
// carries exactly one of them; which of them count against the job is decided here and nowhere
// else.

export type CheckpointFailureReason =
  | 'periodic-scheduler-shutdown'
  | 'too-many-checkpoint-requests'
  | 'minimum-time-between-checkpoints'
  | 'not-all-required-tasks-running'
  | 'io-exception'
  | 'checkpoint-async-exception'
  | 'checkpoint-expired'
  | 'checkpoint-subsumed'
  | 'checkpoint-declined'
  | 'checkpoint-declined-task-not-ready'
  | 'checkpoint-declined-task-closing'
  | 'checkpoint-declined-subsumed'
  | 'checkpoint-declined-on-cancellation-barrier'
  | 'checkpoint-declined-input-end-of-stream'
  | 'checkpoint-coordinator-shutdown'
  | 'checkpoint-coordinator-suspend'
  | 'job-failover-region'
  | 'task-failure'
  | 'task-checkpoint-failure'
  | 'finalize-checkpoint-failure'
  | 'trigger-checkpoint-failure';

/** The rest say that nobody was at fault: bad timing, or a failure that is handled elsewhere. */
const COUNTED: ReadonlySet<CheckpointFailureReason> = new Set<CheckpointFailureReason>([
  'io-exception',
  'checkpoint-async-exception',
  'checkpoint-declined',
  'checkpoint-expired',
  'finalize-checkpoint-failure',
]);

/** After these the job is failing, restarting or gone already: failing it again would be noise. */
const FOLLOWS_FAILOVER: ReadonlySet<CheckpointFailureReason> = new Set<CheckpointFailureReason>([
  'checkpoint-coordinator-shutdown',
  'checkpoint-coordinator-suspend',
  'job-failover-region',
  'task-failure',
]);

export function countsAsFailure(reason: CheckpointFailureReason): boolean {
  return COUNTED.has(reason);
}

export function followsFailover(reason: CheckpointFailureReason): boolean {
  return FOLLOWS_FAILOVER.has(reason);
}

const DECLINES: ReadonlySet<string> = new Set<CheckpointFailureReason>([
  'io-exception',
  'checkpoint-async-exception',
  'checkpoint-subsumed',
  'checkpoint-declined-task-not-ready',
  'checkpoint-declined-task-closing',
  'checkpoint-declined-subsumed',
  'checkpoint-declined-on-cancellation-barrier',
  'checkpoint-declined-input-end-of-stream',
  'task-checkpoint-failure',
]);

/** What a task said, in a message; anything that is not a known reason is a plain decline. */
export function declineReason(text: string): CheckpointFailureReason {
  return isDecline(text) ? text : 'checkpoint-declined';
}

function isDecline(text: string): text is CheckpointFailureReason {
  return DECLINES.has(text);
}
