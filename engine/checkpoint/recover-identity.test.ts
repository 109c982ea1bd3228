// Checkpoints that are whole, but are not the job's own or cannot be opened with the keys it has:
// no reason to go back to an older one, nor to take what is there.

import test from 'ava';

import { type ErrorCode, OnceproofError } from '../core/errors.ts';
import { checkpointId, jobId } from '../core/ids.ts';
import type { CheckpointCoordinatorStorage } from './checkpoint-storage.ts';
import { encodeCheckpointMetadata } from './metadata-format.ts';
import { recoverCheckpoints, type RecoveryDecision } from './recover-checkpoints.ts';
import { completedFor } from './testing/handles.ts';

const JOB = jobId('job');

/** What stands at each number: metadata of a number and a job, or an error. */
type Stored = { readonly is: number; readonly of: string } | OnceproofError;

async function decide(
  stored: readonly Stored[],
  allowFallback: boolean,
): Promise<RecoveryDecision> {
  const storage = {
    pathOf: (pointer: string) => pointer,
    listCheckpoints: async () =>
      stored.map((_, index) => ({ checkpoint: checkpointId(index + 1), pointer: `/${index}` })),
    readMetadata: async (pointer: string) => {
      const found = stored[Number(pointer.slice(1))];
      if (found instanceof OnceproofError) throw found;
      if (found === undefined) throw new Error(`Nothing stands at ${pointer}`);
      const { metadata } = completedFor(found.is);
      return encodeCheckpointMetadata({ ...metadata, job: jobId(found.of) });
    },
  } satisfies Partial<CheckpointCoordinatorStorage>;
  const { decision } = await recoverCheckpoints({
    storage: storage as unknown as CheckpointCoordinatorStorage,
    job: JOB,
    read: async () => new Uint8Array(0),
    allowFallback,
  });
  return decision;
}

function own(is: number): Stored {
  return { is, of: 'job' };
}

function keyError(code: ErrorCode): OnceproofError {
  return new OnceproofError(code, 'Cannot decrypt', { place: '/1/_metadata' });
}

for (const [what, stranger] of [
  ['another job', { is: 2, of: 'other' }],
  ['another number', { is: 1, of: 'job' }],
] as const) {
  test(`metadata of ${what} is refused, or passed over where that is allowed`, async (t) => {
    const refused = await decide([own(1), stranger], false);
    if (refused.kind !== 'refused') return t.fail(refused.kind);
    t.is(refused.error.code, 'OP-E505');
    t.regex(refused.error.message, /it is the metadata of checkpoint \d/);
    const older = await decide([own(1), stranger], true);
    if (older.kind !== 'restore') return t.fail(older.kind);
    t.is(older.checkpoint.id, checkpointId(1));
  });
}

for (const code of ['OP-E570', 'OP-E571', 'OP-E572', 'OP-E573', 'OP-E574'] as const) {
  test(`${code} is refused as it is, even where falling back is allowed`, async (t) => {
    for (const allowFallback of [false, true]) {
      const decision = await decide([own(1), keyError(code)], allowFallback);
      if (decision.kind !== 'refused') return t.fail(decision.kind);
      t.is(decision.error.code, code);
    }
  });
}

test('a key that only older checkpoints need is no reason to stop', async (t) => {
  const decision = await decide([keyError('OP-E571'), own(2)], false);
  if (decision.kind !== 'restore') return t.fail(decision.kind);
  t.is(decision.checkpoint.id, checkpointId(2));
});

test('falling back stops at the first one that a key would open', async (t) => {
  const damaged = new OnceproofError('OP-E503', 'Cannot use', { place: '/2/_metadata' });
  const decision = await decide([own(1), keyError('OP-E571'), damaged], true);
  if (decision.kind !== 'refused') return t.fail(decision.kind);
  t.is(decision.error.code, 'OP-E571');
});
