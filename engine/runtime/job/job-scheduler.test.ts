// The scheduler as a state machine: everything around it is a note or happens at once.

import test from 'ava';

import { address } from '../../environment/network.ts';
import type { RestartStrategyConfig } from '../../graph/restart-strategy-config.ts';
import { ManualClock } from '../../connector/testing/manual-clock.ts';
import { SeededRandom } from '../../environment/seeded-random.ts';
import { regionOf } from '../failover/regions.ts';
import type { FailureCause, TaskState } from '../messages.ts';
import { createRestartStrategy } from '../restart/restart-strategy.ts';
import { type GraphOptions, taskManager, twoVertices } from '../testing/graphs.ts';
import { ExecutionGraph, type ExecutionVertex } from './execution-graph.ts';
import { JobScheduler } from './job-scheduler.ts';
import { SlotPool } from './slot-pool.ts';

const FIXED: RestartStrategyConfig = { kind: 'fixed-delay', attempts: 2, delayMs: 50 };
const CAUSE: FailureCause = { message: 'it broke', code: undefined };
const SLOT_TIMEOUT_MS = 1_000;

/** A scheduler whose every decision is noted and done at once, but for waiting. */
class World {
  readonly clock = new ManualClock();
  readonly slots = new SlotPool();
  readonly graph: ExecutionGraph;
  readonly scheduler: JobScheduler;
  /** Names of attempts, one list a deployment. */
  readonly deployed: string[][] = [];
  readonly canceled: string[] = [];
  readonly events: string[] = [];

  constructor(strategy: RestartStrategyConfig = FIXED, shape: GraphOptions = {}) {
    this.graph = new ExecutionGraph(twoVertices(shape));
    this.scheduler = new JobScheduler({
      graph: this.graph,
      slots: this.slots,
      restartStrategy: createRestartStrategy(strategy, this.clock, new SeededRandom('s')),
      leaderEpoch: 7,
      slotRequestTimeoutMs: SLOT_TIMEOUT_MS,
      effects: {
        deploy: (subtasks) => void this.deployed.push(subtasks.map(nameOf)),
        cancel: ({ attempt }) => void this.canceled.push(attempt),
        regionOf: (failed) => regionOf(this.graph, failed),
        failing: ({ message }) => void this.events.push(`failing ${message}`),
        restarting: (delayMs) => void this.events.push(`restarting ${delayMs}`),
        running: () => void this.events.push('running'),
        ended: (state, cause) =>
          void this.events.push(cause === undefined ? state : `${state} ${cause.message}`),
        schedule: (delayMs, run) => this.clock.schedule(delayMs, run),
        now: () => this.clock.now(),
      },
    });
    this.slots.register(taskManager('tm-1', { slots: 1 }));
    this.slots.register(taskManager('tm-2', { slots: 1 }));
  }

  /** Of every current attempt that is not over, unless one is chosen. */
  report(state: TaskState, of: (subtask: ExecutionVertex) => boolean = () => true): void {
    for (const subtask of this.graph.vertices.filter(of)) {
      const { current } = subtask;
      if (current === undefined) continue;
      const cause = state === 'failed' ? CAUSE : undefined;
      const { attempt } = current;
      this.scheduler.taskStateChanged({ kind: 'task-state', attempt, state, cause });
    }
  }

  run(): void {
    this.scheduler.start();
    this.report('initializing');
    this.report('running');
  }

  get states(): readonly string[] {
    return this.graph.vertices.map(({ state }) => state);
  }
}

const first = (subtask: ExecutionVertex): boolean => subtask.subtask === 0;
const firstSource = (subtask: ExecutionVertex): boolean =>
  first(subtask) && subtask.vertex.source !== undefined;
const canceling = ({ state }: ExecutionVertex): boolean => state === 'canceling';

test('a job is deployed at once, runs when all tasks run, and ends when all have finished', (t) => {
  const world = new World();
  world.scheduler.start();
  t.is(world.deployed.length, 1);
  t.is(world.deployed[0]?.length, 4);
  world.report('running', firstSource);
  t.deepEqual(world.events, []);
  world.report('running', (subtask) => !firstSource(subtask));
  t.deepEqual(world.events, ['running']);
  world.report('finished', firstSource);
  t.false(world.scheduler.hasEnded);
  world.report('finished');
  t.deepEqual(world.events, ['running', 'finished']);
  t.true(world.scheduler.hasEnded);
});

test('a failed task takes its region along; it restarts when all have ended', (t) => {
  const world = new World();
  world.run();
  world.report('failed', firstSource);
  t.is(world.canceled.length, 3);
  t.deepEqual(world.states, ['failed', 'canceling', 'canceling', 'canceling']);
  world.clock.advance(49);
  world.report('canceled', canceling);
  t.is(world.deployed.length, 1);
  world.clock.advance(1);
  t.is(world.deployed.length, 2);
  t.true(world.deployed[1]?.every((attempt) => attempt.endsWith('#1@7')));
  t.deepEqual(world.events, ['running', 'failing it broke', 'restarting 50']);
});

test('a region that does not depend on the failed task goes on', (t) => {
  const world = new World(FIXED, { shape: 'forward' });
  world.run();
  world.report('failed', firstSource);
  world.report('canceled', canceling);
  world.clock.advance(50);
  t.is(world.deployed[1]?.length, 2);
  world.report('running', first);
  t.is(world.events.at(-1), 'running');
  t.true(world.graph.everyState('running'));
});

test('tasks that fail because their region fails do not count again', (t) => {
  const world = new World();
  world.run();
  world.report('failed');
  t.is(world.events.filter((event) => event.startsWith('failing')).length, 1);
});

test('what a task reports too late, when it is to be canceled, is not believed', (t) => {
  const world = new World();
  world.run();
  world.report('failed', firstSource);
  world.report('running', canceling);
  t.is(world.states.filter((state) => state === 'canceling').length, 3);
  t.is(world.events.at(-1), 'restarting 50');
});

test('messages of earlier attempts are ignored', (t) => {
  const world = new World();
  world.run();
  const old = world.graph.vertices[0]?.current?.attempt;
  world.report('failed', firstSource);
  world.report('canceled', canceling);
  world.clock.advance(50);
  const before = world.states;
  if (old === undefined) return t.fail();
  world.scheduler.taskStateChanged({
    kind: 'task-state',
    attempt: old,
    state: 'failed',
    cause: CAUSE,
  });
  t.deepEqual(world.states, before);
});

test('a lost host is one failure, and what was canceled there counts as canceled', (t) => {
  const world = new World();
  world.run();
  world.slots.remove(address('tm-1'));
  world.scheduler.hostLost(address('tm-1'), 'gone');
  t.is(world.events.filter((event) => event.startsWith('failing')).length, 1);
  world.slots.remove(address('tm-2'));
  world.scheduler.hostLost(address('tm-2'), 'gone too');
  t.is(world.events.filter((event) => event.startsWith('failing')).length, 1);
  t.true(world.states.every((state) => state === 'failed' || state === 'canceled'));
});

test('a failure while a restart is under way delays it and counts', (t) => {
  const world = new World();
  world.run();
  world.report('failed', firstSource);
  world.clock.advance(40);
  world.scheduler.failAll(CAUSE);
  world.report('canceled', canceling);
  world.clock.advance(49);
  t.is(world.deployed.length, 1);
  world.clock.advance(1);
  t.is(world.deployed.length, 2);
  world.report('failed', firstSource);
  t.is(world.events.at(-1), 'failing it broke', 'The third failure is one too many');
  world.report('canceled', canceling);
  t.is(world.events.at(-1), 'failed it broke');
});

test('a failure during the deployment cancels what was deployed and deploys again', (t) => {
  const world = new World();
  world.scheduler.start();
  world.report('initializing', firstSource);
  world.report('failed', firstSource);
  t.is(world.canceled.length, 3);
  world.report('canceled', canceling);
  world.clock.advance(50);
  t.is(world.deployed.length, 2);
});

test('failing over and over ends the job with the last cause, after all is canceled', (t) => {
  const world = new World({ kind: 'none' });
  world.run();
  world.report('failed', firstSource);
  t.false(world.scheduler.hasEnded);
  t.is(world.canceled.length, 3);
  world.report('canceled', canceling);
  t.deepEqual(world.events, ['running', 'failing it broke', 'failed it broke']);
});

for (const code of ['OP-E202', 'OP-E203', 'OP-E301', 'OP-E404', 'OP-E511']) {
  test(`what would fail again the same way is not tried again: ${code}`, (t) => {
    const world = new World();
    world.run();
    world.scheduler.failAll({ message: 'wrong', code });
    world.report('canceled');
    t.deepEqual(world.events, ['running', 'failing wrong', 'failed wrong']);
  });
}

for (const code of ['OP-E201', 'OP-E601', 'OP-E602', 'OP-E604', 'OP-E605', 'OP-E620']) {
  test(`what may go well the next time is tried again: ${code}`, (t) => {
    const world = new World();
    world.run();
    world.scheduler.failAll({ message: 'bad luck', code });
    t.is(world.events.at(-1), 'restarting 50');
  });
}

test('a job without slots waits for them, then fails', (t) => {
  const world = new World();
  world.slots.remove(address('tm-2'));
  world.scheduler.start();
  t.is(world.deployed.length, 0);
  world.clock.advance(SLOT_TIMEOUT_MS - 1);
  t.false(world.scheduler.hasEnded);
  world.clock.advance(1);
  t.regex(world.events.at(-1) ?? '', /^failed Cannot place the job: it needs 2 slots, there are 1/);
});

test('slots that come in time are used, and the next wait begins anew', (t) => {
  const world = new World();
  world.slots.remove(address('tm-2'));
  world.scheduler.start();
  world.clock.advance(SLOT_TIMEOUT_MS - 1);
  world.slots.register(taskManager('tm-2', { slots: 1 }));
  world.scheduler.slotsChanged();
  t.is(world.deployed.length, 1);
  world.report('running');
  world.slots.remove(address('tm-2'));
  world.scheduler.hostLost(address('tm-2'), 'gone');
  world.report('canceled', canceling);
  world.clock.advance(50 + SLOT_TIMEOUT_MS - 1);
  t.false(world.scheduler.hasEnded);
  world.clock.advance(1);
  t.true(world.scheduler.hasEnded);
});

test('a job that is canceled while it restarts ends without starting again', (t) => {
  const world = new World();
  world.run();
  world.report('failed', firstSource);
  world.scheduler.end('cancel', undefined);
  world.report('canceled', canceling);
  world.clock.advance(10_000);
  t.is(world.deployed.length, 1);
  t.is(world.events.at(-1), 'canceled');
});

test('nothing that comes after the end is heard', (t) => {
  const world = new World();
  world.run();
  world.report('finished');
  const { length } = world.events;
  world.scheduler.failAll(CAUSE);
  world.scheduler.end('cancel', undefined);
  world.scheduler.hostLost(address('tm-1'), 'gone');
  world.scheduler.slotsChanged();
  world.clock.advance(10_000);
  t.is(world.events.length, length);
  t.is(world.deployed.length, 1);
});

test('a finished task of a failing region is run again', (t) => {
  const world = new World();
  world.run();
  world.report('finished', firstSource);
  world.report('failed', (subtask) => subtask.vertex.source === undefined && first(subtask));
  world.report('canceled', canceling);
  world.clock.advance(50);
  t.is(world.deployed[1]?.length, 4);
});

function nameOf({ current }: ExecutionVertex): string {
  return current?.attempt ?? 'none';
}
