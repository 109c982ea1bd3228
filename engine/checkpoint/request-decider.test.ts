// Which request runs next: Flink's CheckpointRequestDeciderTest, and the order of the queue.

import test from 'ava';
import fc from 'fast-check';

import {
  CheckpointRequestDecider,
  type CheckpointRequest,
  type DeciderSituation,
} from './request-decider.ts';

const IDLE: DeciderSituation = {
  nowMs: 1_000,
  isTriggering: false,
  pendingCount: 0,
  discardingCount: 0,
  lastCompletionMs: undefined,
};

let sequence = 0;

function request(kind: 'periodic' | 'manual' | 'savepoint', isForced = false): CheckpointRequest {
  return {
    properties: { type: kind === 'savepoint' ? 'savepoint' : 'checkpoint', stop: 'no' },
    isPeriodic: kind === 'periodic',
    isForced,
    targetDirectory: undefined,
    requestedAtMs: 0,
    sequence: sequence++,
  };
}

function decider(
  minPauseMs = 0,
  maxConcurrentCheckpoints = 1,
): CheckpointRequestDecider<CheckpointRequest> {
  return new CheckpointRequestDecider({ maxConcurrentCheckpoints, minPauseMs });
}

test('a request waits while as many checkpoints are pending as may be', (t) => {
  const queue = decider();
  queue.enqueue(request('manual'));
  t.is(queue.next({ ...IDLE, pendingCount: 1 }).kind, 'wait');
  t.is(queue.next(IDLE).kind, 'start');
  t.is(queue.queuedCount, 0);
});

test('a forced savepoint runs beside pending checkpoints, but not during a trigger', (t) => {
  const queue = decider();
  queue.enqueue(request('savepoint', true));
  t.is(queue.next({ ...IDLE, isTriggering: true }).kind, 'wait');
  t.is(queue.next({ ...IDLE, pendingCount: 1 }).kind, 'start');
});

test('deleting holds back triggering only beyond the number of concurrent checkpoints', (t) => {
  const queue = decider(0, 2);
  queue.enqueue(request('manual'));
  t.is(queue.next({ ...IDLE, discardingCount: 3 }).kind, 'wait');
  t.is(queue.next({ ...IDLE, discardingCount: 2 }).kind, 'start');
});

test('within the pause only periodic requests are too early', (t) => {
  const situation = { ...IDLE, lastCompletionMs: 990 };
  const queue = decider(100);
  queue.enqueue(request('periodic'));
  const decision = queue.next(situation);
  t.is(decision.kind, 'too-early');
  t.is(decision.kind === 'too-early' && decision.retryInMs, 90);
  for (const kind of ['manual', 'savepoint'] as const) {
    queue.enqueue(request(kind));
    t.is(queue.next(situation).kind, 'start');
  }
});

test('savepoints come before checkpoints, users before the schedule, then the older one', (t) => {
  const ordered = [
    request('savepoint', true),
    request('savepoint'),
    request('savepoint'),
    request('manual'),
    request('manual'),
    request('periodic'),
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(ordered), (shuffled) => {
      const queue = decider();
      for (const one of shuffled) queue.enqueue(one);
      const taken = shuffled.map(() => {
        const decision = queue.next(IDLE);
        return decision.kind === 'start' ? decision.request : undefined;
      });
      t.deepEqual(
        taken,
        ordered.filter((one) => shuffled.includes(one)),
      );
    }),
  );
});

test('a full queue turns away its last: a checkpoint gives way to a savepoint', (t) => {
  const queue = new CheckpointRequestDecider({
    maxConcurrentCheckpoints: 1,
    minPauseMs: 0,
    maxQueuedRequests: 1,
  });
  const checkpoint = request('manual');
  t.is(queue.enqueue(checkpoint), undefined);
  t.is(queue.enqueue(request('savepoint')), checkpoint);
});

test('a second periodic request is turned away while one waits', (t) => {
  const queue = decider();
  const second = request('periodic');
  t.is(queue.enqueue(request('periodic')), undefined);
  t.is(queue.enqueue(second), second);
});
