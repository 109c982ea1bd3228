// One enumerator and its readers, with an enumerator that notes, or throws, what it is told.

import test from 'ava';

import type { Source, SourceSplit, SplitEnumeratorContext } from '../../connector/source.ts';
import {
  checkpointId,
  type ExecutionAttemptId,
  executionAttemptId,
  operatorId,
} from '../../core/ids.ts';
import type { Outcome } from '../actor/actor-system.ts';
import { WeakWorld } from '../testing/weak-world.ts';
import { SourceCoordinator } from './source-coordinator.ts';

type Call =
  | 'create'
  | 'start'
  | 'addReader'
  | 'handleSplitRequest'
  | 'addSplitsBack'
  | 'snapshotState'
  | 'close';

interface Script {
  /** Throws there. */
  readonly throwsIn?: Call;
  readonly onRequest?: (context: SplitEnumeratorContext<SourceSplit>, subtask: number) => void;
  readonly onStart?: (context: SplitEnumeratorContext<SourceSplit>) => void;
}

class World {
  readonly calls: string[] = [];
  readonly failures: string[] = [];
  readonly sent: string[] = [];
  readonly io: ((outcome: Outcome<unknown>) => void)[] = [];
  readonly coordinator: SourceCoordinator;

  constructor(script: Script = {}) {
    this.coordinator = new SourceCoordinator({
      operator: operatorId('source'),
      source: this.#source(script),
      parallelism: 2,
      environment: new WeakWorld().boot('jm'),
      sendSplit: (attempt, { splitId }) => void this.sent.push(`${splitId} to ${attempt}`),
      sendNoMoreSplits: (attempt) => void this.sent.push(`no more to ${attempt}`),
      io: (_operation, done) => void this.io.push(done as (outcome: Outcome<unknown>) => void),
      failed: (label, cause) => void this.failures.push(`${label}: ${String(cause)}`),
    });
  }

  #source({ throwsIn, onRequest, onStart }: Script): Source<unknown> {
    const note = (call: Call, detail: unknown = ''): void => {
      this.calls.push(`${call} ${String(detail)}`.trim());
      if (call === throwsIn) throw new Error(`bad ${call}`);
    };
    return {
      name: 'scripted',
      boundedness: 'bounded',
      createReader: () => {
        throw new Error('not here');
      },
      createEnumerator: (context, restored) => {
        note('create', restored === undefined ? '' : JSON.stringify(restored));
        return {
          start: () => {
            note('start');
            onStart?.(context);
          },
          addReader: (subtask) => note('addReader', subtask),
          handleSplitRequest: (subtask) => {
            note('handleSplitRequest', subtask);
            onRequest?.(context, subtask);
          },
          addSplitsBack: (splits, subtask) =>
            note('addSplitsBack', `${splits.map(({ splitId }) => splitId).join()} of ${subtask}`),
          snapshotState: () => {
            note('snapshotState');
            return { at: this.calls.length };
          },
          close: () => note('close'),
        };
      },
    };
  }
}

const A0 = executionAttemptId('v:0#0@1');
const A1 = executionAttemptId('v:1#0@1');
const NEXT_A0 = executionAttemptId('v:0#1@1');

/** Splits s1, s2, … one for each request. */
function dealing(): Script {
  let next = 1;
  return {
    onRequest: (context, subtask) => context.assignSplit({ splitId: `s${next++}` }, subtask),
  };
}

function request(world: World, subtask: number, attempt: ExecutionAttemptId): void {
  world.coordinator.splitRequested(subtask, attempt);
}

test('nothing is created before the first deployment', (t) => {
  const world = new World();
  world.coordinator.readerRegistered(0, A0);
  world.coordinator.close();
  t.deepEqual(world.calls, []);
});

test('a reader is added once, and only the registered attempt is served', (t) => {
  const world = new World(dealing());
  world.coordinator.resetToCheckpoint(undefined);
  request(world, 0, A0);
  world.coordinator.readerRegistered(0, A0);
  world.coordinator.readerRegistered(0, A0);
  request(world, 0, NEXT_A0);
  request(world, 0, A0);
  t.deepEqual(world.calls, ['create', 'start', 'addReader 0', 'handleSplitRequest 0']);
  t.deepEqual(world.sent, [`s1 to ${A0}`]);
});

test('a subtask that goes back gives back what it was assigned after that checkpoint', (t) => {
  const world = new World(dealing());
  const { coordinator } = world;
  coordinator.resetToCheckpoint(undefined);
  coordinator.readerRegistered(0, A0);
  coordinator.readerRegistered(1, A1);
  request(world, 0, A0);
  coordinator.snapshot(checkpointId(1));
  request(world, 0, A0);
  coordinator.checkpointComplete(checkpointId(1));
  coordinator.snapshot(checkpointId(2));
  request(world, 1, A1);
  request(world, 0, A0);
  coordinator.subtaskReset(0, checkpointId(1));
  t.is(world.calls.at(-1), 'addSplitsBack s2,s4 of 0');
  request(world, 0, A0);
  t.is(world.sent.length, 4, 'The attempt of before is not served any more');
  coordinator.readerRegistered(0, NEXT_A0);
  request(world, 0, NEXT_A0);
  t.is(world.sent.at(-1), `s5 to ${NEXT_A0}`);
});

test('a reset of all creates the enumerator anew from what it had said', (t) => {
  const world = new World(dealing());
  const { coordinator } = world;
  coordinator.resetToCheckpoint(undefined);
  const state = coordinator.snapshot(checkpointId(1));
  coordinator.readerRegistered(0, A0);
  request(world, 0, A0);
  coordinator.resetToCheckpoint(state);
  t.deepEqual(world.calls.slice(-3), ['close', 'create {"at":3}', 'start']);
  coordinator.subtaskReset(0, undefined);
  t.false(
    world.calls.some((call) => call.startsWith('addSplitsBack')),
    'Nothing is given back twice',
  );
});

test('I/O of an enumerator that is gone is not heard of, however it ends', (t) => {
  const done: unknown[] = [];
  const world = new World({
    onStart: (context) =>
      context.io(
        'list',
        async () => 1,
        (result) => done.push(result),
      ),
  });
  world.coordinator.resetToCheckpoint(undefined);
  world.coordinator.resetToCheckpoint(undefined);
  world.io[0]?.({ kind: 'failed', cause: 'late' });
  world.io[0]?.({ kind: 'done', value: 1 });
  t.deepEqual(done, []);
  t.deepEqual(world.failures, []);
  world.io[1]?.({ kind: 'done', value: 2 });
  t.deepEqual(done, [2]);
  world.coordinator.close();
  world.io[1]?.({ kind: 'failed', cause: 'after the end' });
  t.deepEqual(world.failures, []);
});

for (const call of ['create', 'start', 'addReader', 'handleSplitRequest', 'close'] as const) {
  test(`an enumerator that throws in ${call} fails the job, not the JobManager`, (t) => {
    const world = new World({ throwsIn: call });
    world.coordinator.resetToCheckpoint(undefined);
    world.coordinator.readerRegistered(0, A0);
    request(world, 0, A0);
    world.coordinator.close();
    t.is(world.failures.length, 1);
    t.regex(world.failures[0] ?? '', /enumerator of "scripted" threw.*bad/);
  });
}

test('a split for a reader that is not there is refused, not lost', (t) => {
  const world = new World({
    onRequest: (context) => context.assignSplit({ splitId: 'lost' }, 1),
  });
  world.coordinator.resetToCheckpoint(undefined);
  world.coordinator.readerRegistered(0, A0);
  request(world, 0, A0);
  t.deepEqual(world.sent, []);
  t.regex(world.failures[0] ?? '', /Cannot assign split "lost" to 1/);
});

// A reader that has ended would never read it: the split was lost, and no checkpoint told.
test('a reader that was told that there is no more is given nothing, its next attempt is', (t) => {
  let isOver = true;
  const world = new World({
    onRequest: (context, subtask) => {
      if (isOver) context.signalNoMoreSplits(subtask);
      else context.assignSplit({ splitId: 's1' }, subtask);
    },
  });
  world.coordinator.resetToCheckpoint(undefined);
  world.coordinator.readerRegistered(0, A0);
  request(world, 0, A0);
  isOver = false;
  request(world, 0, A0);
  t.deepEqual(world.sent, [`no more to ${A0}`]);
  t.regex(world.failures.join(), /OP-E206|Cannot assign split "s1" to 0/);
  world.coordinator.subtaskReset(0, undefined);
  world.coordinator.readerRegistered(0, NEXT_A0);
  request(world, 0, NEXT_A0);
  t.deepEqual(world.sent, [`no more to ${A0}`, `s1 to ${NEXT_A0}`]);
  t.is(world.failures.length, 1);
});
