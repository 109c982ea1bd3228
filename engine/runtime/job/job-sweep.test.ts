// When it is swept, and what is taken for needed then.

import test from 'ava';

import type { CheckpointCoordinatorStorage } from '../../checkpoint/checkpoint-storage.ts';
import type { CompletedCheckpoint } from '../../checkpoint/completed-checkpoint.ts';
import { checkpointId, jobId } from '../../core/ids.ts';
import type { Outcome } from '../actor/actor-system.ts';
import { JobSweep } from './job-sweep.ts';

interface Swept {
  readonly begun: number;
  readonly retained: readonly number[];
  readonly shared: readonly string[];
}

class World {
  readonly swept: Swept[] = [];
  failing = false;
  lastBegun = 0;
  retained: readonly number[] = [];
  shared: readonly string[] = [];
  readonly sweep: JobSweep;

  constructor() {
    const storage: Pick<CheckpointCoordinatorStorage, 'sweep'> = {
      sweep: async (_job, retained, shared, begun) => {
        this.swept.push({ begun, retained, shared: [...shared].sort() });
        if (this.failing) throw new Error('EIO');
      },
    };
    const job = jobId('job');
    this.sweep = new JobSweep({
      job,
      storage: storage as CheckpointCoordinatorStorage,
      store: { reservedCheckpointId: Number.MAX_SAFE_INTEGER },
      idFloor: 0,
      coordinator: new View(this),
      io: (operation, done) => void report(operation, done),
    });
  }

  async deploy(): Promise<void> {
    this.sweep.deploying();
    await settled();
  }

  async complete(checkpoint: number): Promise<void> {
    this.retained = [checkpoint];
    this.lastBegun = checkpoint;
    this.sweep.checkpointCompleted();
    await settled();
  }
}

class View {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  get lastBegun(): number {
    return this.#world.lastBegun;
  }

  retained(): readonly CompletedCheckpoint[] {
    return this.#world.retained.map((id) => ({ id: checkpointId(id) }) as CompletedCheckpoint);
  }

  sharedPaths(): ReadonlySet<string> {
    return new Set(this.#world.shared);
  }
}

async function report<T>(
  operation: () => Promise<T>,
  done: (outcome: Outcome<T>) => void,
): Promise<void> {
  try {
    done({ kind: 'done', value: await operation() });
  } catch (cause) {
    done({ kind: 'failed', cause });
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
}

test('nothing is swept where nothing was ever begun', async (t) => {
  const world = new World();
  await world.deploy();
  t.deepEqual(world.swept, []);
});

test('a deployment sweeps up to what was begun before it, and once', async (t) => {
  const world = new World();
  Object.assign(world, { lastBegun: 4, retained: [3], shared: ['/a'] });
  await world.deploy();
  await world.complete(5);
  t.deepEqual(world.swept, [{ begun: 4, retained: [3], shared: ['/a'] }]);
});

test('one that failed is done after the next checkpoint, of the same moment', async (t) => {
  const world = new World();
  Object.assign(world, { lastBegun: 4, retained: [3], shared: ['/a'], failing: true });
  await world.deploy();
  t.is(world.swept.length, 1);
  world.shared = ['/b'];
  await world.complete(5);
  world.failing = false;
  await world.complete(6);
  await world.complete(7);
  t.deepEqual(world.swept.slice(1), [
    { begun: 4, retained: [3, 5], shared: ['/a', '/b'] },
    { begun: 4, retained: [3, 5, 6], shared: ['/a', '/b'] },
  ]);
});

test('a deployment makes up for the sweep of the one before', async (t) => {
  const world = new World();
  Object.assign(world, { lastBegun: 4, retained: [3], failing: true });
  await world.deploy();
  Object.assign(world, { lastBegun: 6, failing: false });
  await world.deploy();
  await world.complete(7);
  t.deepEqual(
    world.swept.map(({ begun }) => begun),
    [4, 6],
  );
});
