// Laws of SplitAssignmentTracker: Flink's vectors, and that a subtask gets back exactly what it
// forgets.

import test from 'ava';
import fc from 'fast-check';

import { checkpointId } from '../core/ids.ts';
import type { SourceSplit } from './source.ts';
import { type SplitAssignment, SplitAssignmentTracker } from './split-assignment-tracker.ts';

const split = (splitId: string): SourceSplit => ({ splitId });
const ids = (splits: readonly SourceSplit[]): string[] => splits.map(({ splitId }) => splitId);

function tracked(): SplitAssignmentTracker<SourceSplit> {
  const tracker = new SplitAssignmentTracker();
  tracker.recordSplitAssignment(split('0'), 0);
  tracker.recordSplitAssignment(split('1'), 1);
  tracker.onCheckpoint(checkpointId(100));
  tracker.recordSplitAssignment(split('3'), 0);
  tracker.onCheckpoint(checkpointId(101));
  return tracker;
}

test('a reset behind both checkpoints gives back both assignments', (t) => {
  t.deepEqual(ids(tracked().getAndRemoveUncheckpointedAssignment(0, checkpointId(99))), ['0', '3']);
});

test('a reset to the first checkpoint gives back only what was assigned after it', (t) => {
  t.deepEqual(ids(tracked().getAndRemoveUncheckpointedAssignment(0, checkpointId(100))), ['3']);
});

test('a reset to the start gives back everything, once', (t) => {
  const tracker = tracked();
  tracker.recordSplitAssignment(split('4'), 0);
  t.deepEqual(ids(tracker.getAndRemoveUncheckpointedAssignment(0, undefined)), ['0', '3', '4']);
  t.deepEqual(tracker.getAndRemoveUncheckpointedAssignment(0, undefined), []);
  t.deepEqual(ids(tracker.getAndRemoveUncheckpointedAssignment(1, undefined)), ['1']);
});

test('what a completed checkpoint holds is never given back', (t) => {
  const tracker = tracked();
  tracker.onCheckpointComplete(checkpointId(101));
  t.deepEqual(tracker.getAndRemoveUncheckpointedAssignment(0, undefined), []);
  t.deepEqual(tracker.snapshot(), []);
});

const step = fc.oneof(
  fc.record({ kind: fc.constant('assign' as const), subtask: fc.nat(2) }),
  fc.record({ kind: fc.constant('trigger' as const), subtask: fc.constant(0) }),
  fc.record({ kind: fc.constant('complete' as const), subtask: fc.constant(0) }),
  fc.record({ kind: fc.constant('restore' as const), subtask: fc.constant(0) }),
);

test('a reset gives back exactly what was assigned after the checkpoint was triggered', (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let tracker = new SplitAssignmentTracker<SourceSplit>();
      let triggered = 0;
      let completed = 0;
      const model: { id: string; subtask: number; after: number }[] = [];
      for (const [index, { kind, subtask }] of steps.entries()) {
        if (kind === 'assign') {
          tracker.recordSplitAssignment(split(`${index}`), subtask);
          model.push({ id: `${index}`, subtask, after: triggered });
        } else if (kind === 'trigger') tracker.onCheckpoint(checkpointId(++triggered));
        else if (kind === 'complete' && triggered > completed) {
          completed = triggered;
          tracker.onCheckpointComplete(checkpointId(completed));
        } else if (kind === 'restore') {
          const plain = JSON.stringify(tracker.snapshot());
          tracker = new SplitAssignmentTracker(JSON.parse(plain) as SplitAssignment<SourceSplit>[]);
        }
      }
      for (const subtask of [0, 1, 2]) {
        const lost = model.filter((one) => one.subtask === subtask && one.after >= completed);
        const given = tracker.getAndRemoveUncheckpointedAssignment(
          subtask,
          completed === 0 ? undefined : checkpointId(completed),
        );
        t.deepEqual(
          ids(given),
          lost.map(({ id }) => id),
        );
      }
    }),
  );
});
