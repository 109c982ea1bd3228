// The life of a checkpoint as the JobManager decides it. Names in brackets are cases of Flink's own
// CheckpointCoordinatorTest.

import test from 'ava';

import { checkpointId, executionAttemptId } from '../core/ids.ts';
import { CoordinatorWorld, TASK_1, TASK_2 } from './testing/coordinator-world.ts';
import { snapshotOf } from './testing/handles.ts';

const SAVEPOINT = { kind: 'savepoint', target: '/savepoints', stop: 'no' } as const;
const STOP = { kind: 'savepoint', target: '/savepoints', stop: 'drain' } as const;

test('a checkpoint is complete when its metadata is stored, and only then announced', (t) => {
  const world = new CoordinatorWorld();
  world.begin(1);
  world.acknowledge(TASK_1, 1);
  t.is(world.acknowledge(TASK_2, 1), 'complete');
  t.is(world.coordinator.latestCompleted, undefined);
  t.false(world.log.some((line) => line.startsWith('notify-complete')));
  world.store(1);
  t.is(world.coordinator.latestCompleted?.id, checkpointId(1));
  t.deepEqual(world.log, [
    'triggered 1',
    'locate 1',
    'enumerators 1',
    `trigger 1 ${TASK_1}`,
    'store 1',
    'completed 1',
    'notify-complete 1 2',
  ]);
  t.is(world.outcomes[0]?.kind, 'completed');
});

test('enumerators are snapshotted before any task is triggered', (t) => {
  const world = new CoordinatorWorld();
  world.begin(1);
  t.true(world.log.indexOf('enumerators 1') < world.log.indexOf(`trigger 1 ${TASK_1}`));
});

test('ids increase strictly from the floor, and over what is restored', (t) => {
  const world = new CoordinatorWorld({}, 41);
  world.complete(42);
  world.complete(43);
  t.deepEqual(world.retained, [43]);
});

test('no checkpoint begins while a task does not run', (t) => {
  const world = new CoordinatorWorld();
  world.plan = { kind: 'not-running', reason: 'v:1 is deploying' };
  world.trigger();
  t.deepEqual(world.reasons(), ['not-all-required-tasks-running']);
  t.deepEqual(world.pending, []);
});

test('a task that stopped while the directory was made aborts the checkpoint', (t) => {
  const world = new CoordinatorWorld();
  world.trigger();
  world.plan = { kind: 'not-running', reason: 'v:1 failed' };
  world.locate(1);
  t.deepEqual(world.reasons(), ['not-all-required-tasks-running']);
  t.true(world.log.includes('discard-location 1'));
});

test('triggering never gets stuck: the next checkpoint runs, however this one ends', (t) => {
  const ends: readonly ((world: CoordinatorWorld) => void)[] = [
    (world) =>
      world.coordinator.locationInitialized(checkpointId(1), { kind: 'failed', cause: 'full' }),
    (world) => {
      world.enumerators = { kind: 'failed', cause: 'user code' };
      world.locate(1);
      world.enumerators = { kind: 'taken', states: new Map() };
    },
    (world) => world.clock.advance(600_000),
    (world) => world.coordinator.abortAll('task-failure'),
    (world) => {
      world.coordinator.abortAll('task-failure');
      world.locate(1);
    },
  ];
  for (const end of ends) {
    const world = new CoordinatorWorld({ tolerableFailedCheckpoints: 10 });
    world.trigger();
    end(world);
    t.deepEqual(world.pending, []);
    world.complete(2);
    t.deepEqual(world.retained, [2]);
  }
});

test('a directory that was made for an aborted checkpoint is discarded', (t) => {
  const world = new CoordinatorWorld();
  world.trigger();
  world.coordinator.abortAll('task-failure');
  t.false(world.log.includes('discard-location 1'));
  world.locate(1);
  t.true(world.log.includes('discard-location 1'));
});

test('an expired checkpoint is aborted, its state discarded and its tasks told', (t) => {
  const world = new CoordinatorWorld({ timeoutMs: 1_000, tolerableFailedCheckpoints: 1 });
  world.begin(1);
  world.acknowledge(TASK_1, 1, snapshotOf({ exclusive: ['/a'] }));
  world.clock.advance(1_000);
  t.deepEqual(world.reasons(), ['checkpoint-expired']);
  t.deepEqual(world.discarded, ['/a']);
  t.true(world.log.includes('notify-aborted 1 2'));
  t.is(world.acknowledge(TASK_2, 1, snapshotOf({ exclusive: ['/b'] })), 'late');
  t.deepEqual(world.discarded, ['/a', '/b']);
});

test('late, unknown and repeated [testStateCleanupForLateOrUnknownMessages]', (t) => {
  const world = new CoordinatorWorld();
  world.begin(1);
  t.is(world.acknowledge(TASK_1, 1, snapshotOf({ exclusive: ['/t1'] })), 'waiting');
  const stranger = executionAttemptId('v:0#9@1');
  t.is(world.acknowledge(stranger, 1, snapshotOf({ exclusive: ['/stranger'] })), 'unknown');
  t.deepEqual(world.discarded, ['/stranger']);
  t.is(world.acknowledge(TASK_1, 1, snapshotOf({ exclusive: ['/t1'] })), 'duplicate');
  t.deepEqual(world.discarded, ['/stranger']);
  world.coordinator.decline(TASK_1, checkpointId(1), 'checkpoint-declined');
  t.deepEqual(world.discarded, ['/stranger', '/t1']);
  t.is(world.acknowledge(TASK_2, 1, snapshotOf({ exclusive: ['/t2'] })), 'late');
  t.deepEqual(world.discarded, ['/stranger', '/t1', '/t2']);
});

test('a repeated acknowledgement of what is complete deletes nothing', (t) => {
  const world = new CoordinatorWorld();
  for (const [id, trigger] of [
    [1, { kind: 'manual' }],
    [2, SAVEPOINT],
  ] as const) {
    world.complete(id, trigger);
    t.is(world.acknowledge(TASK_1, id, snapshotOf({ exclusive: [`/kept-${id}`] })), 'duplicate');
  }
  t.deepEqual(world.discarded, []);
});

test('acknowledgements of what another leader triggered delete nothing', (t) => {
  const world = new CoordinatorWorld({}, 5);
  t.is(world.acknowledge(TASK_1, 5, snapshotOf({ exclusive: ['/theirs'] })), 'duplicate');
  t.deepEqual(world.discarded, []);
});

test('an abort discards exclusive files only [testSharedStateNotDiscardedOnAbort]', (t) => {
  const world = new CoordinatorWorld({ tolerableFailedCheckpoints: 5 });
  world.begin(1);
  world.acknowledge(TASK_1, 1, snapshotOf({ exclusive: ['/private'], shared: ['/shared'] }));
  world.coordinator.decline(TASK_2, checkpointId(1), 'checkpoint-declined');
  t.deepEqual(world.discarded, ['/private']);
  world.complete(2);
  t.deepEqual(world.discarded, ['/private', '/shared']);
});

test('a shared file of an aborted checkpoint survives if a later one uses it', (t) => {
  const world = new CoordinatorWorld({ tolerableFailedCheckpoints: 5 });
  world.begin(1);
  world.acknowledge(TASK_1, 1, snapshotOf({ shared: ['/sst'] }));
  world.coordinator.decline(TASK_2, checkpointId(1), 'checkpoint-declined');
  world.begin(2);
  world.acknowledge(TASK_1, 2, snapshotOf({ shared: ['/sst'] }));
  world.acknowledge(TASK_2, 2);
  world.store(2);
  t.deepEqual(world.discarded, []);
  world.complete(3);
  t.deepEqual(world.discarded, ['/sst']);
});

test('a newer checkpoint subsumes the older pending ones, but not savepoints', (t) => {
  const world = new CoordinatorWorld({ maxConcurrentCheckpoints: 3 });
  world.begin(1);
  world.begin(2, SAVEPOINT);
  world.begin(3);
  world.acknowledgeAll(3);
  world.store(3);
  t.deepEqual(world.reasons(), ['checkpoint-subsumed']);
  t.deepEqual(world.pending, [2]);
  world.acknowledgeAll(2);
  world.store(2);
  t.deepEqual(world.retained, [3]);
});

test('a checkpoint that is stored after a newer one is discarded and not announced', (t) => {
  const world = new CoordinatorWorld({ maxConcurrentCheckpoints: 2 });
  world.begin(1);
  world.begin(2);
  world.acknowledgeAll(1);
  world.acknowledgeAll(2);
  world.store(2);
  world.store(1);
  t.deepEqual(world.retained, [2]);
  t.true(world.log.includes('discard 1'));
  t.false(world.log.includes('notify-complete 1 2'));
  t.deepEqual(world.reasons(), ['checkpoint-subsumed']);
});

test('a checkpoint being stored is past the point of return: nothing aborts it', (t) => {
  const world = new CoordinatorWorld({ timeoutMs: 1_000 });
  world.begin(1);
  world.acknowledge(TASK_1, 1, snapshotOf({ exclusive: ['/a'] }));
  world.acknowledge(TASK_2, 1);
  let isFinal = false;
  world.coordinator.whenStored(() => (isFinal = true));
  world.clock.advance(5_000);
  world.coordinator.abortAll('task-failure');
  world.coordinator.decline(TASK_1, checkpointId(1), 'checkpoint-declined');
  t.deepEqual(world.discarded, []);
  t.false(isFinal);
  world.store(1);
  t.true(isFinal);
  t.deepEqual(world.retained, [1]);
});

test('metadata that is certainly not stored aborts the checkpoint and discards its state', (t) => {
  const world = new CoordinatorWorld({ tolerableFailedCheckpoints: 1 });
  world.begin(1);
  world.acknowledge(TASK_1, 1, snapshotOf({ exclusive: ['/a'] }));
  world.acknowledge(TASK_2, 1);
  world.coordinator.metadataStored(checkpointId(1), { kind: 'failed', cause: 'EIO' });
  t.deepEqual(world.reasons(), ['finalize-checkpoint-failure']);
  t.deepEqual(world.discarded, ['/a']);
  t.true(world.log.includes('notify-aborted 1 2'));
});

test('metadata that may be stored keeps every file until it is settled', (t) => {
  for (const settles of ['stored', 'failed'] as const) {
    const world = new CoordinatorWorld({ tolerableFailedCheckpoints: 1 });
    world.begin(1);
    world.acknowledge(TASK_1, 1, snapshotOf({ exclusive: ['/a'] }));
    world.acknowledge(TASK_2, 1);
    world.coordinator.metadataStored(checkpointId(1), { kind: 'unknown', cause: 'EIO' });
    t.deepEqual(world.reasons(), ['finalize-checkpoint-failure']);
    t.deepEqual(world.coordinator.unsettledIds(), [checkpointId(1)]);
    world.coordinator.abortAll('job-failover-region');
    t.is(world.acknowledge(TASK_1, 1, snapshotOf({ exclusive: ['/a'] })), 'duplicate');
    t.deepEqual(world.discarded, []);
    if (settles === 'stored') world.store(1);
    else world.coordinator.metadataStored(checkpointId(1), { kind: 'failed', cause: 'absent' });
    t.deepEqual(world.coordinator.unsettledIds(), []);
    t.deepEqual(world.retained, settles === 'stored' ? [1] : []);
    t.deepEqual(world.discarded, settles === 'stored' ? [] : ['/a']);
    t.is(world.outcomes.length, 1);
  }
});

test('a plain savepoint is neither retained nor announced', (t) => {
  const world = new CoordinatorWorld();
  world.complete(1, SAVEPOINT);
  t.deepEqual(world.retained, []);
  t.false(world.log.some((line) => line.startsWith('notify-complete')));
  t.is(world.outcomes[0]?.kind, 'completed');
  t.is(world.stored[0]?.directory, '/savepoints/sp-1');
  t.is(world.stored[0]?.retainedBytes, undefined);
});

test('a stop-with-savepoint is retained, announced, and stored twice', (t) => {
  const world = new CoordinatorWorld();
  world.complete(1);
  world.complete(2, STOP);
  t.deepEqual(world.retained, [2]);
  t.true(world.log.includes('notify-complete 2 2'));
  t.not(world.stored[1]?.retainedBytes, undefined);
  t.is(world.barriers[1]?.options.stop, 'drain');
});

test('a stop-with-savepoint that fails after its barriers went out fails the job', (t) => {
  const world = new CoordinatorWorld();
  world.begin(1, STOP);
  world.coordinator.decline(TASK_2, checkpointId(1), 'disk full');
  t.is(world.log.filter((line) => line.startsWith('fail-job')).length, 1);
  const failing = new CoordinatorWorld();
  failing.begin(1, STOP);
  failing.coordinator.abortAll('task-failure');
  t.false(failing.log.some((line) => line.startsWith('fail-job')));
});

test('the scheduler stops for a stop-with-savepoint, and goes on if that comes to nothing', (t) => {
  const world = new CoordinatorWorld({ intervalMs: 100, tolerableFailedCheckpoints: 5 });
  world.coordinator.startScheduler();
  world.trigger(STOP);
  world.clock.advance(1_000);
  t.deepEqual(world.pending, [1]);
  world.coordinator.locationInitialized(checkpointId(1), { kind: 'failed', cause: 'no space' });
  world.clock.advance(200);
  t.deepEqual(world.pending, [2]);
});

test('a task that finishes while awaited is finished, its consumer triggered', (t) => {
  const world = new CoordinatorWorld();
  world.begin(1);
  world.plan = {
    kind: 'ready',
    tasksToTrigger: [TASK_2],
    tasksToAcknowledge: [],
    finishedTasks: [],
  };
  world.coordinator.taskFinished(TASK_1);
  t.true(world.log.includes(`trigger 1 ${TASK_2}`));
  t.is(world.acknowledge(TASK_2, 1), 'complete');
  world.store(1);
  const vertex = world.coordinator.latestCompleted?.metadata.vertices[0];
  t.deepEqual(
    vertex?.subtasks.map(({ finished }) => finished),
    [true, false],
  );
  t.false(vertex?.fullyFinished);
  t.true(world.log.includes('notify-complete 1 1'));
});

test('a checkpoint whose tasks are all over is complete without any acknowledgement', (t) => {
  const world = new CoordinatorWorld();
  world.begin(1);
  world.coordinator.taskFinished(TASK_1);
  world.coordinator.taskFinished(TASK_2);
  world.store(1);
  t.true(world.coordinator.latestCompleted?.metadata.vertices[0]?.fullyFinished);
});

test('periodic checkpoints: two at a time, an ack of the second subsumes the first', (t) => {
  const world = new CoordinatorWorld({ intervalMs: 10, maxConcurrentCheckpoints: 2 });
  world.coordinator.startScheduler();
  world.clock.advance(10);
  world.locate(1);
  world.clock.advance(10);
  world.locate(2);
  world.clock.advance(50);
  t.deepEqual(world.pending, [1, 2]);
  world.acknowledgeAll(2);
  world.store(2);
  world.locate(3);
  world.clock.advance(10);
  world.locate(4);
  t.deepEqual(world.pending, [3, 4]);
  t.true(world.reasons().includes('checkpoint-subsumed'));
});

test('a periodic request within the pause is turned away; the next comes right after it', (t) => {
  const world = new CoordinatorWorld({ intervalMs: 100, minPauseMs: 80 });
  world.coordinator.startScheduler();
  world.clock.advance(100);
  world.locate(1);
  world.acknowledgeAll(1);
  const startedMs = world.clock.now();
  world.clock.advance(99);
  world.store(1);
  const completedMs = world.clock.now();
  while (!world.pending.includes(2)) world.clock.advance(1);
  t.is(world.clock.now(), completedMs + 80);
  t.true(world.reasons().includes('minimum-time-between-checkpoints'));
  t.true(startedMs <= 100);
});

test('stopping the scheduler aborts everything and triggers nothing more', (t) => {
  const world = new CoordinatorWorld({ intervalMs: 10 });
  world.coordinator.startScheduler();
  world.clock.advance(10);
  world.locate(1);
  world.trigger();
  world.coordinator.stopScheduler('checkpoint-coordinator-suspend');
  world.clock.advance(1_000);
  t.deepEqual(world.pending, []);
  t.true(world.reasons().every((reason) => reason === 'checkpoint-coordinator-suspend'));
});

test('too many failed checkpoints in a row fail the job once', (t) => {
  const world = new CoordinatorWorld({ tolerableFailedCheckpoints: 1 });
  for (const id of [1, 2]) {
    world.begin(id);
    world.coordinator.decline(TASK_1, checkpointId(id), 'no reason that we know');
  }
  t.is(world.log.filter((line) => line.startsWith('fail-job')).length, 1);
});

test('triggering waits while more checkpoints are being deleted than may run', (t) => {
  const world = new CoordinatorWorld();
  world.discardsAtOnce = false;
  for (const id of [1, 2, 3]) world.complete(id);
  world.trigger();
  t.deepEqual(world.pending, []);
  world.coordinator.checkpointDiscarded(checkpointId(1));
  t.deepEqual(world.pending, [4]);
});

test('a restored checkpoint is not deleted unless it is ours', (t) => {
  for (const claimed of [true, false]) {
    const first = new CoordinatorWorld();
    first.begin(1);
    first.acknowledge(TASK_1, 1, snapshotOf({ shared: ['/restored'] }));
    first.acknowledge(TASK_2, 1);
    first.store(1);
    const restored = first.coordinator.latestCompleted;
    if (restored === undefined) return t.fail();
    const world = new CoordinatorWorld();
    world.coordinator.addRestored(restored, claimed);
    world.complete(2);
    t.deepEqual(world.discarded, claimed ? ['/restored'] : []);
    t.is(world.log.includes('discard 1'), claimed);
  }
});

test('at the end of the job checkpoints go or stay as configured; suspended, all stay', (t) => {
  const cases = [
    ['finished', 'RETAIN_ON_CANCELLATION', true],
    ['canceled', 'RETAIN_ON_CANCELLATION', false],
    ['failed', 'RETAIN_ON_CANCELLATION', false],
    ['canceled', 'DELETE_ON_CANCELLATION', true],
    ['failed', 'DELETE_ON_CANCELLATION', false],
    ['failed', 'NO_EXTERNALIZED_CHECKPOINTS', true],
    ['suspended', 'NO_EXTERNALIZED_CHECKPOINTS', false],
  ] as const;
  for (const [outcome, externalizedRetention, isDiscarded] of cases) {
    const world = new CoordinatorWorld({ externalizedRetention });
    world.complete(1);
    world.coordinator.shutdown(outcome);
    t.is(world.log.includes('discard 1'), isDiscarded, `${outcome} ${externalizedRetention}`);
  }
});

test('whoever is told of an abort may abort the rest at once: each ends once', (t) => {
  const world = new CoordinatorWorld({ maxConcurrentCheckpoints: 3 });
  for (const id of [1, 2, 3]) {
    world.coordinator.triggerCheckpoint({ kind: 'manual' }, (outcome) => {
      world.outcomes.push(outcome);
      world.coordinator.abortAll('job-failover-region');
    });
    world.locate(id);
  }
  world.coordinator.decline(TASK_1, checkpointId(1), 'checkpoint-declined');
  t.deepEqual(world.pending, []);
  t.is(world.outcomes.length, 3);
  t.is(world.log.filter((line) => line.startsWith('notify-aborted')).length, 3);
});
