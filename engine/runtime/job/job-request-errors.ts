// What is wrong with a request to a job: to take a savepoint, to stop it, to cancel it. Each error
// has a code, a place and a remedy; none of them harms the job.

import type { CheckpointFailure } from '../../checkpoint/checkpoint-effects.ts';
import type { CheckpointFailureReason } from '../../checkpoint/checkpoint-failure-reason.ts';
import { unreachable } from '../../core/assert.ts';
import { OnceproofError } from '../../core/errors.ts';

/** `place`: the job, where its name is known. */
export function noCheckpointing(place?: string): OnceproofError {
  return new OnceproofError('OP-E520', 'Cannot take a checkpoint: the job has none configured', {
    ...(place === undefined ? {} : { place }),
    remedy: 'Call env.enableCheckpointing(intervalMs)',
  });
}

/** Why a checkpoint that somebody asked for is not there. */
export type NotTaken =
  | CheckpointFailure
  | { readonly kind: 'starting' }
  /** Another savepoint ends the job. */
  | { readonly kind: 'stopping' };

/** `cause` of the error: what the coordinator has said. */
export function notTaken(place: string, why: NotTaken): OnceproofError {
  return new OnceproofError('OP-E521', `Cannot complete the checkpoint: ${textOf(why)}`, {
    place,
    remedy: remedyOf(why),
    cause: why,
  });
}

export function noSavepointDirectory(place: string): OnceproofError {
  return new OnceproofError('OP-E522', 'Cannot take a savepoint: there is no directory for it', {
    place,
    remedy: 'Name a directory in the call, or call env.setCheckpointStorage(directory)',
  });
}

/** `outcome`: how the job ended, 'it has finished'. */
export function jobIsOver(place: string, outcome: string, cause?: unknown): OnceproofError {
  return new OnceproofError('OP-E609', `Cannot carry out the request to the job: ${outcome}`, {
    place,
    remedy: 'See getJobExecutionResult() for how the job ended; execute it again if need be',
    cause,
  });
}

function textOf(why: NotTaken): string {
  switch (why.kind) {
    case 'starting':
      return 'the job is not recovered yet';
    case 'stopping':
      return 'a savepoint that ends the job is under way';
    case 'failed':
      return why.cause === undefined ? why.reason : `${why.reason}: ${firstLineOf(why.cause)}`;
    default:
      return unreachable(why);
  }
}

/** Further lines have places and remedies of their own; they are in the error's cause. */
function firstLineOf(text: string): string {
  return text.split('\n', 1).join('');
}

function remedyOf(why: NotTaken): string {
  switch (why.kind) {
    case 'starting':
      return WAIT;
    case 'stopping':
      return 'Wait for the job to end, and use the savepoint it leaves';
    case 'failed':
      return REMEDIES.get(why.reason) ?? 'Mend the cause, and try again';
    default:
      return unreachable(why);
  }
}

const WAIT = "Try again once getJobStatus() is 'RUNNING'";

const REMEDIES: ReadonlyMap<CheckpointFailureReason, string> = new Map<
  CheckpointFailureReason,
  string
>([
  ['not-all-required-tasks-running', WAIT],
  ['job-failover-region', WAIT],
  ['task-failure', WAIT],
  ['io-exception', 'See that the directory can be written to and has space, and try again'],
  ['checkpoint-expired', 'Raise the checkpoint timeout, or ease the load, and try again'],
  ['checkpoint-coordinator-suspend', 'Use the savepoint that ended the job, or try again'],
]);
