// Which checkpoint ends a job, and what follows if it fails. Checkpoints are answered by hand.

import test from 'ava';

import { ManualClock } from '../../connector/testing/manual-clock.ts';
import type { CheckpointTrigger } from '../../checkpoint/checkpoint-coordinator.ts';
import type { CheckpointOutcome } from '../../checkpoint/checkpoint-effects.ts';
import type { CheckpointFailureReason } from '../../checkpoint/checkpoint-failure-reason.ts';
import { address } from '../../environment/network.ts';
import { twoVertices } from '../testing/graphs.ts';
import { ExecutionGraph } from './execution-graph.ts';
import { JobStop } from './job-stop.ts';

const SAVEPOINT: CheckpointTrigger = { kind: 'savepoint', target: '/savepoints', stop: 'suspend' };

/** All tasks run. Checkpoints are answered by hand. */
class World {
  readonly clock = new ManualClock();
  readonly graph = new ExecutionGraph(twoVertices());
  readonly triggered: CheckpointTrigger[] = [];
  readonly stop: JobStop;
  cancels = 0;
  #answers: ((outcome: CheckpointOutcome) => void)[] = [];

  constructor(hasCheckpoints = true) {
    for (const subtask of this.graph.vertices) {
      subtask.startAttempt(address('tm-1'), 1).state = 'running';
    }
    const triggerCheckpoint = (
      trigger: CheckpointTrigger,
      onOutcome: (outcome: CheckpointOutcome) => void = () => {},
    ): void => {
      this.triggered.push(trigger);
      this.#answers.push(onOutcome);
    };
    this.stop = new JobStop({
      graph: this.graph,
      coordinator: hasCheckpoints ? { triggerCheckpoint } : undefined,
      cancelJob: () => void this.cancels++,
      schedule: (delayMs, run) => void this.clock.schedule(delayMs, run),
    });
  }

  endAll(): void {
    for (const subtask of this.graph.vertices) this.stop.endOfData(subtask);
  }

  /** Answers all that were asked for. */
  fail(reason: CheckpointFailureReason): void {
    const answers = this.#answers.splice(0);
    for (const answer of answers) {
      answer({ kind: 'failed', checkpoint: undefined, reason, cause: undefined });
    }
  }

  complete(): void {
    // Of a completed checkpoint only that it is complete matters here.
    const outcome = { kind: 'completed', checkpoint: {} } as CheckpointOutcome;
    for (const answer of this.#answers.splice(0)) answer(outcome);
  }
}

test('the final checkpoint is taken once, when the last task has ended its data', (t) => {
  const world = new World();
  const [first, ...others] = world.graph.vertices;
  if (first?.current === undefined) return t.fail();
  first.current.state = 'finished';
  for (const subtask of others) {
    t.deepEqual(world.triggered, []);
    world.stop.endOfData(subtask);
  }
  t.deepEqual(world.triggered, [{ kind: 'manual' }]);
  world.stop.running();
  t.is(world.triggered.length, 1);
});

test('data that ended before everything ran is remembered', (t) => {
  const world = new World();
  const [first] = world.graph.vertices;
  if (first?.current === undefined) return t.fail();
  first.current.state = 'initializing';
  world.endAll();
  t.deepEqual(world.triggered, []);
  first.current.state = 'running';
  world.stop.running();
  t.deepEqual(world.triggered, [{ kind: 'manual' }]);
});

test('a final checkpoint that failed is tried again soon, unless the job fails over', (t) => {
  const world = new World();
  world.endAll();
  world.fail('checkpoint-expired');
  t.is(world.triggered.length, 1);
  world.clock.advance(500);
  t.is(world.triggered.length, 2);
  world.fail('job-failover-region');
  world.clock.advance(10_000);
  t.is(world.triggered.length, 2);
  world.stop.running();
  t.is(world.triggered.length, 3);
  world.complete();
  world.clock.advance(10_000);
  t.is(world.triggered.length, 3);
});

test('no checkpoint follows the savepoint that stops the job, unless it fails', (t) => {
  const world = new World();
  const outcomes: string[] = [];
  world.stop.triggerCheckpoint(SAVEPOINT, ({ kind }) => outcomes.push(kind));
  world.endAll();
  t.deepEqual(world.triggered, [SAVEPOINT]);
  world.fail('io-exception');
  t.deepEqual(outcomes, ['failed']);
  t.deepEqual(world.triggered, [SAVEPOINT, { kind: 'manual' }]);
  t.is(world.cancels, 0);
});

test('a failover ends the stop: the restarted job takes its final checkpoint', (t) => {
  const world = new World();
  world.stop.triggerCheckpoint(SAVEPOINT, () => {});
  world.stop.failing();
  world.endAll();
  t.deepEqual(world.triggered, [SAVEPOINT, { kind: 'manual' }]);
});

test('a job is suspended at once where there is nothing to save it with', (t) => {
  const bare = new World(false);
  bare.stop.suspend('/savepoints');
  t.is(bare.cancels, 1);
  const world = new World();
  world.stop.suspend(undefined);
  t.is(world.cancels, 1);
  t.true(world.stop.isSuspending);
});

test('a job whose savepoint fails is suspended all the same', (t) => {
  const world = new World();
  world.stop.suspend('/savepoints');
  t.deepEqual(world.triggered, [{ kind: 'savepoint', target: '/savepoints', stop: 'suspend' }]);
  t.is(world.cancels, 0);
  world.fail('checkpoint-expired');
  t.is(world.cancels, 1);
});

test('a stop-with-savepoint suspends or drains the job if it is complete, and only then', (t) => {
  for (const stop of ['suspend', 'drain'] as const) {
    const world = new World();
    const outcomes: string[] = [];
    const request = { target: '/savepoints', stop };
    world.stop.stopWithSavepoint(request, ({ kind }) => void outcomes.push(kind));
    t.true(world.stop.isStopping);
    world.fail('io-exception');
    t.deepEqual([world.stop.isStopping, world.stop.isSuspending], [false, false]);
    t.is(world.cancels, 0);
    world.stop.stopWithSavepoint(request, ({ kind }) => void outcomes.push(kind));
    t.false(world.stop.isSuspending);
    world.complete();
    t.is(world.stop.isSuspending, stop === 'suspend');
    t.deepEqual(outcomes, ['failed', 'completed']);
  }
});

test('suspending relies on a stop under way, and needs it no more if that fails', (t) => {
  const world = new World();
  world.stop.stopWithSavepoint({ target: '/mine', stop: 'drain' }, () => {});
  world.stop.suspend('/savepoints');
  t.deepEqual(world.triggered, [{ kind: 'savepoint', target: '/mine', stop: 'drain' }]);
  t.is(world.cancels, 0);
  world.fail('checkpoint-expired');
  t.is(world.cancels, 1);
});

test('once it is saved, a failure suspends the job instead of restarting it', (t) => {
  const world = new World();
  world.stop.restarting();
  world.stop.suspend('/savepoints');
  world.stop.restarting();
  t.is(world.cancels, 0);
  world.complete();
  world.stop.restarting();
  t.is(world.cancels, 1);
});

test('a savepoint of a job without checkpoints is refused', (t) => {
  const { stop } = new World(false);
  t.throws(() => stop.triggerCheckpoint(SAVEPOINT, () => {}), { code: 'OP-E520' });
});

for (const ask of ['stopWithSavepoint', 'suspend'] as const) {
  test(`${ask}(): a savepoint that completes after the job has failed still ends it`, (t) => {
    const world = new World();
    const heard: number[] = [];
    const hear = (): void => void heard.push(world.cancels);
    if (ask === 'suspend') world.stop.suspend('/savepoints', hear);
    else world.stop.stopWithSavepoint({ target: '/savepoints', stop: 'suspend' }, hear);
    world.stop.failing();
    world.stop.restarting();
    t.is(world.cancels, 0, 'It may still fail, and then the job goes on');
    world.complete();
    t.is(world.cancels, 1);
    t.deepEqual(heard, [0], 'Whoever asked hears of it first');
    t.true(world.stop.isSuspending);
  });
}

test('a savepoint that completes while the job runs needs nobody to cancel it', (t) => {
  const world = new World();
  world.stop.stopWithSavepoint({ target: '/savepoints', stop: 'suspend' }, () => {});
  world.complete();
  t.is(world.cancels, 0);
});
