// What a JobManager does before it may lead: becomes the leader durably, looks whether the job has
// ended already, and finds the checkpoint to go on from. I/O only; the result is one value.

import type { CheckpointCoordinatorStorage } from '../../checkpoint/checkpoint-storage.ts';
import type { CompletedCheckpoint } from '../../checkpoint/completed-checkpoint.ts';
import {
  recoverCheckpoints,
  recoverPointer,
  type RecoveryDecision,
} from '../../checkpoint/recover-checkpoints.ts';
import { unreachable } from '../../core/assert.ts';
import { OnceproofError } from '../../core/errors.ts';
import { checkpointId } from '../../core/ids.ts';
import type { JobGraph } from '../../graph/job-graph.ts';
import type { StateHandle } from '../../state/state-handle.ts';
import type { JobResult, JobStore } from './job-store.ts';

export interface JobRestoreSettings {
  /**
   * A savepoint or retained checkpoint to start from, where the job has no checkpoint of its own.
   */
  readonly pointer?: string | undefined;
  /** State that no operator of the job claims is dropped instead of refused. Default false. */
  readonly allowNonRestoredState?: boolean;
  /** Go back behind a damaged checkpoint, and repeat output, instead of refusing. Default false. */
  readonly allowFallback?: boolean;
}

export type Recovered =
  | { readonly kind: 'already-ended'; readonly leaderEpoch: number; readonly result: JobResult }
  | {
      readonly kind: 'ready';
      readonly leaderEpoch: number;
      readonly checkpointIdFloor: number;
      /** Oldest first; the job goes on from the last one. */
      readonly checkpoints: readonly CompletedCheckpoint[];
      /** False: the last one is the user's, and never deleted. */
      readonly claimed: boolean;
    };

export interface RecoveryOptions {
  readonly graph: JobGraph;
  readonly store: JobStore;
  readonly storage: CheckpointCoordinatorStorage;
  readonly settings: JobRestoreSettings;
  /** Of the worker storage: verifies what it reads. */
  readonly read: (handle: StateHandle) => Promise<Uint8Array>;
}

/** Throws OnceproofError OP-E505 where the newest checkpoint is damaged. */
export async function recoverJob(options: RecoveryOptions): Promise<Recovered> {
  const { graph, store, storage, settings, read } = options;
  const leaderEpoch = await store.nextLeaderEpoch();
  const result = await store.result();
  if (result !== undefined) return { kind: 'already-ended', leaderEpoch, result };
  await storage.initializeBase(graph.id);
  const { decision, highestId } = await recoverCheckpoints({
    storage,
    job: graph.id,
    read,
    allowFallback: settings.allowFallback ?? false,
    ...(store.isContended ? { isRecorded: await store.isRecorded() } : {}),
  });
  const checkpointIdFloor = Math.max(await store.checkpointIdFloor(), highestId);
  const own = checkpointsOf(decision);
  if (settings.allowFallback !== true) await refuseMissing(options, own.at(-1)?.id ?? 0);
  const newest = own.at(-1);
  if (newest !== undefined) {
    // Restoring it confirms it: from here on older ones are deleted and its output is committed.
    await storage.confirm(graph.id, newest.id);
    await store.recordCompleted(newest.id);
  }
  if (store.isContended) await store.disown((newest?.id ?? 0) + 1, checkpointIdFloor);
  const ready = { kind: 'ready', leaderEpoch, checkpointIdFloor } as const;
  if (own.length > 0 || settings.pointer === undefined) {
    return { ...ready, checkpoints: own, claimed: true };
  }
  const pointed = await recoverPointer({ storage, read, pointer: settings.pointer });
  return { ...ready, checkpoints: checkpointsOf(pointed), claimed: false };
}

// A checkpoint that was complete may have been committed. That it cannot be found is damage too.
async function refuseMissing(
  { graph, store, storage }: RecoveryOptions,
  newest: number,
): Promise<void> {
  const completed = await store.completedCheckpoint();
  if (completed <= newest) return;
  const problem = newest === 0 ? 'there is none' : `the newest is checkpoint ${newest}`;
  throw new OnceproofError(
    'OP-E505',
    `Cannot find checkpoint ${completed}, which was complete: ${problem}`,
    {
      place: storage.metadataPlace(graph.id, checkpointId(completed)),
      remedy:
        'Put it back from a copy, or set allowFallback if older state and repeated output are ' +
        'acceptable',
    },
  );
}

function checkpointsOf(decision: RecoveryDecision): readonly CompletedCheckpoint[] {
  switch (decision.kind) {
    case 'none':
      return [];
    case 'restore':
      return [...decision.older, decision.checkpoint];
    case 'refused':
      throw decision.error;
    default:
      return unreachable(decision);
  }
}
