// The coordinator under arbitrary orders of triggers, answers, failures and repetitions: what must
// hold at every step, and that it always comes back to completing checkpoints.

import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';

import { checkpointId } from '../core/ids.ts';
import type { TaskSnapshot } from '../state/state-handle.ts';
import type { MetadataResult } from './checkpoint-effects.ts';
import type { CheckpointTrigger } from './checkpoint-coordinator.ts';
import { filesOf } from './completed-checkpoint.ts';
import { decodeCheckpointMetadata } from './metadata-format.ts';
import { handlesOf } from './metadata.ts';
import { CoordinatorWorld, TASK_1, TASK_2 } from './testing/coordinator-world.ts';
import { snapshotOf } from './testing/handles.ts';

const TASKS = [TASK_1, TASK_2];
const MANUAL: CheckpointTrigger = { kind: 'manual' };
const SAVEPOINT: CheckpointTrigger = { kind: 'savepoint', target: '/savepoints', stop: 'no' };

type Step =
  | { readonly kind: 'trigger'; readonly isSavepoint: boolean }
  | { readonly kind: 'locate' | 'fail-location'; readonly id: number }
  | { readonly kind: 'acknowledge' | 'decline'; readonly id: number; readonly task: number }
  | { readonly kind: 'store'; readonly id: number; readonly result: MetadataResult['kind'] }
  | { readonly kind: 'abort-all' }
  | { readonly kind: 'wait'; readonly ms: number };

const id = fc.integer({ min: 1, max: 8 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('trigger'), isSavepoint: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('locate'), id }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fail-location'), id }) },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('acknowledge'), id, task: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('decline'), id, task: fc.nat(1) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('store'),
      id,
      result: fc.constantFrom<MetadataResult['kind']>('stored', 'stored', 'unknown', 'failed'),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'abort-all' }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.nat(400) }) },
) as fc.Arbitrary<Step>;

class Run {
  readonly world = new CoordinatorWorld({
    maxConcurrentCheckpoints: 2,
    retainedCheckpoints: 2,
    timeoutMs: 1_000,
    tolerableFailedCheckpoints: 1_000,
  });
  readonly handedOver = new Set<string>();
  triggers = 0;

  play(next: Step): void {
    const { world } = this;
    switch (next.kind) {
      case 'trigger':
        this.triggers += 1;
        return world.trigger(next.isSavepoint ? SAVEPOINT : MANUAL);
      case 'locate':
        return this.#isTriggered(next.id) ? world.locate(next.id) : undefined;
      case 'fail-location':
        return world.coordinator.locationInitialized(checkpointId(next.id), {
          kind: 'failed',
          cause: 'no space',
        });
      case 'acknowledge':
        // A task cannot answer before there is a barrier.
        if (this.numbered('enumerators').includes(next.id)) this.acknowledge(next.id, next.task);
        return;
      case 'decline':
        return world.coordinator.decline(this.#task(next.task), checkpointId(next.id), 'no');
      case 'store':
        return this.store(next.id, next.result);
      case 'abort-all':
        return world.coordinator.abortAll('job-failover-region');
      case 'wait':
        return world.clock.advance(next.ms);
    }
  }

  /** The same task hands over the same files for the same checkpoint, however often it does so. */
  acknowledge(checkpoint: number, task: number): void {
    const snapshot = this.snapshot(checkpoint, task);
    this.handedOver.add(`/own-${task}-${checkpoint}`);
    this.world.acknowledge(this.#task(task), checkpoint, snapshot);
  }

  snapshot(checkpoint: number, task: number): TaskSnapshot {
    const isSavepoint = this.world.log.includes(`locate ${checkpoint} savepoint`);
    const shared = isSavepoint ? [] : [`/shared-${task}-${Math.floor(checkpoint / 2)}`];
    return snapshotOf({ exclusive: [`/own-${task}-${checkpoint}`], shared });
  }

  store(checkpoint: number, kind: MetadataResult['kind']): void {
    const result =
      kind === 'stored' ? { kind, pointer: `/chk-${checkpoint}` } : { kind, cause: 'disk' };
    this.world.coordinator.metadataStored(checkpointId(checkpoint), result);
  }

  /** Files that a restore may ask for now or later. */
  needed(): Set<string> {
    const { coordinator, stored, outcomes } = this.world;
    const newest = coordinator.latestCompleted?.id ?? 0;
    const files = coordinator.retained().flatMap(filesOf);
    for (const outcome of outcomes) {
      const isOwn =
        outcome.kind === 'completed' && outcome.checkpoint.properties.type === 'savepoint';
      if (isOwn) files.push(...filesOf(outcome.checkpoint));
    }
    for (const { checkpoint, bytes } of stored) {
      if (checkpoint < newest || !coordinator.pendingIds().includes(checkpoint)) continue;
      const handles = handlesOf(decodeCheckpointMetadata(bytes, 'stored'));
      files.push(...handles.flatMap((one) => (one.kind === 'file' ? [one.path] : [])));
    }
    return new Set(files);
  }

  numbered(prefix: string): number[] {
    const lines = this.world.log.filter((line) => line.startsWith(prefix));
    return lines.map((line) => Number(line.split(' ')[1]));
  }

  #isTriggered(checkpoint: number): boolean {
    return this.numbered('locate').includes(checkpoint);
  }

  #task(index: number): typeof TASK_1 {
    return TASKS[index] ?? TASK_1;
  }
}

function isAscending(ids: readonly number[]): boolean {
  return ids.every((one, index) => index === 0 || one > (ids[index - 1] ?? 0));
}

function checkSafety(t: ExecutionContext, run: Run): void {
  const { world } = run;
  const needed = run.needed();
  const lost = world.discarded.filter((path) => needed.has(path));
  t.deepEqual(lost, []);
  const retained = new Set(world.retained);
  t.false(run.numbered('discard ').some((one) => retained.has(one)));
  t.true(isAscending(run.numbered('triggered')));
  t.true(isAscending(run.numbered('notify-complete')));
  t.true(retained.size <= 3);
}

/** Answers all there is to answer, then takes checkpoints until everything old is out of use. */
function settle(run: Run): void {
  const { world } = run;
  for (let round = 0; round < 12; round++) {
    const pending = [...world.pending];
    for (const one of pending) world.locate(one);
    for (const one of pending) for (const task of [0, 1]) run.acknowledge(one, task);
    for (const one of pending) run.store(one, 'stored');
    world.clock.advance(1);
  }
}

test('nothing needed is discarded, ids increase, and every request has one outcome', (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const run = new Run();
      for (const next of steps) {
        run.play(next);
        checkSafety(t, run);
      }
      settle(run);
      checkSafety(t, run);
      t.deepEqual(run.world.pending, []);
      t.is(run.world.outcomes.length, run.triggers);
    }),
    { numRuns: 300 },
  );
});

test('whatever happened before, the next checkpoint completes, and nothing unused is left', (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const run = new Run();
      for (const next of steps) run.play(next);
      settle(run);
      const before = run.numbered('triggered').at(-1) ?? 0;
      for (const ordinal of [1, 2, 3, 4]) {
        run.world.begin(before + ordinal);
        for (const task of [0, 1]) run.acknowledge(before + ordinal, task);
        run.store(before + ordinal, 'stored');
        run.world.clock.advance(1);
      }
      t.is(run.world.retained.at(-1), before + 4);
      const discarded = new Set(run.world.discarded);
      const gone = new Set(run.numbered('discard '));
      const needed = run.needed();
      const lateShared = [...run.world.coordinator.sharedPaths()];
      for (let checkpoint = 1; checkpoint <= before; checkpoint++) {
        for (const task of [0, 1]) {
          const path = `/own-${task}-${checkpoint}`;
          const isGone = discarded.has(path) || gone.has(checkpoint) || needed.has(path);
          if (run.handedOver.has(path)) t.true(isGone, path);
        }
      }
      t.true(
        lateShared.every((path) => needed.has(path)),
        lateShared.join(),
      );
    }),
    { numRuns: 200 },
  );
});
