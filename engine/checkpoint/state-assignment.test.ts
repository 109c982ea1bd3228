// Who gets which state on restore, and what is refused.

import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';

import { OnceproofError } from '../core/errors.ts';
import { jobVertexId, operatorId } from '../core/ids.ts';
import { keyGroupRangeOf } from '../state/key-groups.ts';
import type { TaskSnapshot } from '../state/state-handle.ts';
import { FINISHED_TASK_SNAPSHOT } from './metadata.ts';
import { adoptMaxParallelism, assignState, type SubtaskRestore } from './state-assignment.ts';
import { artefactsOf } from '../state/state-handle.ts';
import { fileHandle } from './testing/handles.ts';
import { jobOf, keyedSnapshots, metadataOf, statelessSnapshots } from './testing/job-shapes.ts';

const STRICT = { allowNonRestoredState: false };
const V = jobVertexId('v');

function keyedPaths(restore: SubtaskRestore | undefined): string[] {
  const handles = restore?.operators.flatMap(({ keyed }) => keyed) ?? [];
  const files = handles.flatMap(artefactsOf);
  return files.map((state) => (state.kind === 'file' ? state.path : ''));
}

function refusal(t: ExecutionContext, refuse: () => unknown): string {
  const error = t.throws(refuse, { instanceOf: OnceproofError });
  t.truthy(error?.remedy);
  return error?.code ?? 'none';
}

test('without a checkpoint there is nothing to restore', (t) => {
  const assignment = assignState(jobOf([{ id: 'v', parallelism: 2 }]), undefined, STRICT);
  t.is(assignment.restoreOf(V, 0), undefined);
});

test('at equal parallelism each subtask gets its own keyed state, and all operator state', (t) => {
  const graph = jobOf([{ id: 'v', parallelism: 3 }]);
  const assignment = assignState(graph, metadataOf([{ id: 'v', parallelism: 3 }]), STRICT);
  for (const subtask of [0, 1, 2]) {
    const restore = assignment.restoreOf(V, subtask);
    t.deepEqual(keyedPaths(restore), [`/v/keyed-${subtask}`]);
    const bySubtask = restore?.operators[0]?.operatorState.map((handles) => handles.length);
    t.deepEqual(bySubtask, [1, 1, 1]);
    t.is(Number(restore?.checkpoint), 7);
  }
});

test('rescaled, each subtask gets exactly the handles that hold some of its key groups', (t) => {
  const parallelism = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(parallelism, parallelism, (before, after) => {
      const graph = jobOf([{ id: 'v', parallelism: after }]);
      const metadata = metadataOf([{ id: 'v', parallelism: before }]);
      const assignment = assignState(graph, metadata, STRICT);
      const covered: number[] = [];
      for (let subtaskIndex = 0; subtaskIndex < after; subtaskIndex++) {
        const range = keyGroupRangeOf({ subtaskIndex, parallelism: after, maxParallelism: 128 });
        const restore = assignment.restoreOf(V, subtaskIndex);
        for (const { range: held } of restore?.operators[0]?.keyed ?? []) {
          const first = Math.max(held.first, range.first);
          const last = Math.min(held.last, range.last);
          t.true(first <= last);
          for (let group = first; group <= last; group++) covered.push(group);
        }
      }
      t.deepEqual(
        covered.toSorted((a, b) => a - b),
        Array.from({ length: 128 }, (_, group) => group),
      );
    }),
  );
});

test('state follows its operator into another vertex', (t) => {
  const graph = jobOf([{ id: 'w', parallelism: 1, operators: ['v', 'new'] }]);
  const assignment = assignState(graph, metadataOf([{ id: 'v', parallelism: 1 }]), STRICT);
  const restore = assignment.restoreOf(jobVertexId('w'), 0);
  t.deepEqual(
    restore?.operators.map(({ operator }) => operator),
    [operatorId('v')],
  );
});

test('state that no operator claims is refused, unless it may be dropped', (t) => {
  const graph = jobOf([{ id: 'w', parallelism: 1 }]);
  const metadata = metadataOf([{ id: 'v', parallelism: 1 }]);
  t.is(
    refusal(t, () => assignState(graph, metadata, STRICT)),
    'OP-E511',
  );
  const lenient = assignState(graph, metadata, { allowNonRestoredState: true });
  t.deepEqual(lenient.restoreOf(jobVertexId('w'), 0)?.operators, []);
  const empty = metadataOf([{ id: 'v', parallelism: 1, subtasks: statelessSnapshots(1) }]);
  t.notThrows(() => assignState(graph, empty, STRICT));
});

test("a maximum parallelism of the user's own must be that of the state", (t) => {
  const metadata = metadataOf([{ id: 'v', parallelism: 2, maxParallelism: 64 }]);
  const own = jobOf([{ id: 'v', parallelism: 2, maxParallelism: 128, isConfigured: true }]);
  t.is(
    refusal(t, () => assignState(own, metadata, STRICT)),
    'OP-E510',
  );
  const same = jobOf([{ id: 'v', parallelism: 2, maxParallelism: 64, isConfigured: true }]);
  t.notThrows(() => assignState(same, metadata, STRICT));
});

test('one that was chosen automatically gives way to that of the state', (t) => {
  const metadata = metadataOf([{ id: 'v', parallelism: 2, maxParallelism: 64 }]);
  const graph = jobOf([{ id: 'v', parallelism: 2, maxParallelism: 128 }]);
  t.is(adoptMaxParallelism(graph, metadata).vertices[0]?.maxParallelism, 64);
  t.is(adoptMaxParallelism(graph, undefined), graph);
  const large = jobOf([{ id: 'v', parallelism: 65, maxParallelism: 128 }]);
  t.is(
    refusal(t, () => assignState(large, metadata, STRICT)),
    'OP-E510',
  );
});

test('without keyed state the maximum parallelism is free', (t) => {
  const shape = { id: 'v', parallelism: 2, maxParallelism: 64 };
  const metadata = metadataOf([{ ...shape, subtasks: statelessSnapshots(2) }]);
  const graph = jobOf([{ id: 'v', parallelism: 200, maxParallelism: 256, isConfigured: true }]);
  t.notThrows(() => assignState(graph, metadata, STRICT));
});

function withChannel(parallelism: number): TaskSnapshot[] {
  const channel = {
    kind: 'input-channel',
    edge: 'u->v',
    from: 0,
    to: 0,
    state: fileHandle('/channel'),
  } as const;
  return keyedSnapshots({ id: 'v', parallelism }).map((snapshot, index) => ({
    ...snapshot,
    channels: index === 0 ? [channel] : [],
  }));
}

test('in-flight data goes back to its channel, and only if that is the same', (t) => {
  const metadata = metadataOf([
    { id: 'u', parallelism: 2 },
    { id: 'v', parallelism: 2, subtasks: withChannel(2) },
  ]);
  const edges = [['u', 'v', 'hash']] as const;
  const same = jobOf(
    [
      { id: 'u', parallelism: 2 },
      { id: 'v', parallelism: 2 },
    ],
    edges,
  );
  const assignment = assignState(same, metadata, STRICT);
  t.is(assignment.restoreOf(V, 0)?.channels.length, 1);
  t.is(assignment.restoreOf(V, 1)?.channels.length, 0);
  const changed = [
    jobOf(
      [
        { id: 'u', parallelism: 2 },
        { id: 'v', parallelism: 3 },
      ],
      edges,
    ),
    jobOf(
      [
        { id: 'u', parallelism: 1 },
        { id: 'v', parallelism: 2 },
      ],
      edges,
    ),
    jobOf(
      [
        { id: 'u', parallelism: 2 },
        { id: 'v', parallelism: 2 },
      ],
      [],
    ),
  ];
  for (const graph of changed) {
    t.is(
      refusal(t, () => assignState(graph, metadata, STRICT)),
      'OP-E512',
    );
  }
});

test('a vertex that was over stays over; its successors need not be', (t) => {
  const graph = jobOf(
    [
      { id: 'u', parallelism: 2 },
      { id: 'v', parallelism: 2 },
    ],
    [['u', 'v', 'hash']],
  );
  const over = [FINISHED_TASK_SNAPSHOT, FINISHED_TASK_SNAPSHOT];
  const metadata = metadataOf([
    { id: 'u', parallelism: 2, subtasks: over },
    { id: 'v', parallelism: 2 },
  ]);
  const assignment = assignState(graph, metadata, STRICT);
  t.true(assignment.isFullyFinished(jobVertexId('u')));
  t.false(assignment.isFullyFinished(V));
  t.true(assignment.restoreOf(jobVertexId('u'), 1)?.finished);
  t.false(assignment.restoreOf(V, 1)?.finished);
});

test('a vertex that is over behind one that is not is refused', (t) => {
  const over = [FINISHED_TASK_SNAPSHOT];
  const mixed = [FINISHED_TASK_SNAPSHOT, ...statelessSnapshots(1)];
  const cases = [
    ['hash', statelessSnapshots(1), over, 'OP-E513'],
    ['hash', mixed, mixed, 'OP-E513'],
    ['forward', mixed, mixed, undefined],
    ['forward', mixed, over, 'OP-E513'],
    ['hash', over, mixed, undefined],
  ] as const;
  for (const [kind, before, after, code] of cases) {
    const u = { id: 'u', parallelism: before.length };
    const v = { id: 'v', parallelism: after.length };
    const graph = jobOf([u, v], [['u', 'v', kind]]);
    const metadata = metadataOf([
      { ...u, subtasks: before },
      { ...v, subtasks: after },
    ]);
    const assign = (): unknown => assignState(graph, metadata, STRICT);
    if (code === undefined) t.notThrows(assign);
    else t.is(refusal(t, assign), code);
  }
});

test('a subtask that had flushed stays so at equal parallelism; rescaled only if all had', (t) => {
  const [first, second] = keyedSnapshots({ id: 'v', parallelism: 2 });
  if (first === undefined || second === undefined) return t.fail();
  const metadata = metadataOf([
    { id: 'v', parallelism: 2, subtasks: [{ ...first, finished: true }, second] },
  ]);
  const same = assignState(jobOf([{ id: 'v', parallelism: 2 }]), metadata, STRICT);
  t.deepEqual(
    [0, 1].map((subtask) => same.restoreOf(V, subtask)?.finished),
    [true, false],
  );
  const rescaled = assignState(jobOf([{ id: 'v', parallelism: 1 }]), metadata, STRICT);
  t.false(rescaled.restoreOf(V, 0)?.finished);
});
