// A refusal is right where the newest checkpoint has lost something, and wrong where an older has.

import type { EngineEvent } from '../../engine/runtime/observer.ts';
import { checkpointId } from '../../engine/core/ids.ts';
import { checkerContract } from './checker.contract.ts';
import type { History, JobEnd } from './checker.ts';
import type { StorageEvent } from './observations.ts';
import { refusesOnlyLoss } from './refusal-checker.ts';

const OLD = '/shared/checkpoints/job/chk-1/keyed-1';
const NEW = '/shared/checkpoints/job/chk-2/keyed-2';

function history(damaged: readonly string[], end: JobEnd): History {
  const storage: readonly StorageEvent[] = [
    { kind: 'metadata', timeMs: 1, checkpoint: 1, references: [OLD] },
    { kind: 'metadata', timeMs: 2, checkpoint: 2, references: [NEW] },
  ];
  const events = [1, 2].map((id) => ({ timeMs: id, event: completed(id) }));
  return { storage, events, damaged, end } as Partial<History> as History;
}

function takenBack(): History {
  const { events, storage = [], ...rest } = history([OLD], refusedFor(OLD));
  const failed: EngineEvent = { kind: 'job-failed', cause: OLD, code: 'OP-E505' };
  const [first, second] = events;
  if (first === undefined || second === undefined) throw new Error('No events');
  const between = { timeMs: 1, event: failed };
  return { ...rest, storage, events: [first, between, { ...second, timeMs: 2 }] };
}

function completed(id: number): EngineEvent {
  return {
    kind: 'checkpoint-completed',
    checkpoint: checkpointId(id),
    durationMs: 1,
    savepoint: false,
    pointer: `/shared/checkpoints/job/chk-${id}`,
    sizeBytes: 1,
  };
}

function refusedFor(path: string): JobEnd {
  return { kind: 'failed', cause: `Cannot restore: ${path} is damaged`, code: 'OP-E505' };
}

checkerContract([
  [refusesOnlyLoss, 'a refusal for the newest', history([NEW], refusedFor(NEW)), 'valid'],
  [refusesOnlyLoss, 'a refusal for an older one', history([OLD], refusedFor(OLD)), 'invalid'],
  [
    refusesOnlyLoss,
    'a refusal that names an older one where the newest is lost as well',
    history([OLD, NEW], refusedFor(OLD)),
    'valid',
  ],
  [
    refusesOnlyLoss,
    'a refusal that a later leader takes back, which goes on to checkpoints that are whole',
    takenBack(),
    'valid',
  ],
  [refusesOnlyLoss, 'an end that is none', history([OLD], { kind: 'finished' }), 'not exercised'],
  [
    refusesOnlyLoss,
    'a failure that has nothing to do with damage',
    history([OLD], { kind: 'failed', cause: 'no slots', code: 'OP-E603' }),
    'not exercised',
  ],
]);
