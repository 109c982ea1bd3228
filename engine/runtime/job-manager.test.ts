// A JobManager against TaskManagers that the test plays by hand: who is registered, who is lost,
// and what that means for the job.

import test from 'ava';

import { FileArtefactStore } from '../checkpoint/file-artefact-store.ts';
import { FileSystemCheckpointStorage } from '../checkpoint/file-system-checkpoint-storage.ts';
import { FileSystemWorkerStorage } from '../checkpoint/file-system-worker-storage.ts';
import { address } from '../environment/network.ts';
import type { JobGraph } from '../graph/job-graph.ts';
import { ActorSystem } from './actor/actor-system.ts';
import type { JobResult } from './job/job-store.ts';
import { JobStore } from './job/job-store.ts';
import { JobManager } from './job-manager.ts';
import {
  JOB_MANAGER_NAME,
  TASK_MANAGER_NAME,
  type TaskManagerSession,
  type TaskState,
  type ToJobManager,
  type ToTaskManager,
} from './messages.ts';
import type { EngineEvent } from './observer.ts';
import { twoVertices } from './testing/graphs.ts';
import { WeakWorld } from './testing/weak-world.ts';

const HEARTBEAT = { intervalMs: 100, timeoutMs: 1_000 };

type Of<K extends ToTaskManager['kind']> = Extract<ToTaskManager, { readonly kind: K }>;

/** A TaskManager that does only what it is told to. */
class Worker {
  readonly heard: ToTaskManager[] = [];
  readonly name: string;
  readonly system: ActorSystem;

  constructor(world: WeakWorld, name: string) {
    this.name = name;
    this.system = new ActorSystem({ environment: world.boot(name) });
    this.system.spawn(TASK_MANAGER_NAME, {
      receive: (mail) => void this.heard.push(mail as ToTaskManager),
    });
  }

  register(session: TaskManagerSession, slots = 1): void {
    const host = address(this.name);
    const message: ToJobManager = { kind: 'register-task-manager', host, slots, session };
    this.system.send({ host: address('jm'), name: JOB_MANAGER_NAME }, message);
  }

  heartbeat(session: TaskManagerSession): void {
    const host = address(this.name);
    const message: ToJobManager = {
      kind: 'task-manager-heartbeat',
      host,
      session,
      leaderEpoch: 1,
    };
    this.system.sendUnreliable({ host: address('jm'), name: JOB_MANAGER_NAME }, message);
  }

  report(state: TaskState): void {
    for (const { deployment } of this.of('deploy-task')) {
      const { attempt } = deployment;
      const message: ToJobManager = { kind: 'task-state', attempt, state, cause: undefined };
      this.system.send({ host: address('jm'), name: JOB_MANAGER_NAME }, message);
    }
  }

  of<K extends ToTaskManager['kind']>(kind: K): readonly Of<K>[] {
    return this.heard.filter((message): message is Of<K> => message.kind === kind);
  }
}

class World {
  readonly world = new WeakWorld();
  readonly events: EngineEvent[] = [];
  readonly results: JobResult[] = [];
  readonly graph: JobGraph = twoVertices({
    configure: (env) => {
      env.enableCheckpointing(3_600_000);
      env.setRestartStrategy({ kind: 'fixed-delay', attempts: 10, delayMs: 10 });
    },
  });

  boot(): void {
    const environment = this.world.boot('jm');
    const { filesystem } = environment;
    const worker = new FileSystemWorkerStorage({
      store: new FileArtefactStore(filesystem),
      baseDirectory: '/checkpoints',
      job: this.graph.id,
      dataInlineThresholdBytes: 100,
    });
    new JobManager({
      system: new ActorSystem({ environment }),
      graph: this.graph,
      storage: new FileSystemCheckpointStorage({
        store: new FileArtefactStore(filesystem),
        baseDirectory: '/checkpoints',
      }),
      store: new JobStore(filesystem, '/store'),
      restore: {},
      read: (handle) => worker.read(handle),
      heartbeat: HEARTBEAT,
      slotRequestTimeoutMs: 60_000,
      observer: { observe: (event) => void this.events.push(event), stateDigests: false },
      onEnd: (result) => void this.results.push(result),
    }).start();
  }

  count(kind: EngineEvent['kind']): number {
    return this.events.filter((event) => event.kind === kind).length;
  }

  settle(ms = 50): Promise<void> {
    return this.world.settle(ms);
  }

  /** Everybody who is named says that it lives, for a while. */
  async live(forMs: number, workers: readonly (readonly [Worker, TaskManagerSession])[]) {
    for (let passedMs = 0; passedMs < forMs; passedMs += HEARTBEAT.intervalMs) {
      for (const [worker, session] of workers) worker.heartbeat(session);
      await this.settle(HEARTBEAT.intervalMs);
    }
  }
}

const FIRST = { instance: 11, number: 1 };
const SECOND = { instance: 22, number: 1 };

async function running(): Promise<{ world: World; one: Worker; two: Worker }> {
  const world = new World();
  world.boot();
  const one = new Worker(world.world, 'tm-1');
  const two = new Worker(world.world, 'tm-2');
  await world.settle();
  one.register(FIRST);
  two.register(SECOND);
  await world.settle();
  for (const worker of [one, two]) worker.report('running');
  await world.settle();
  return { world, one, two };
}

test('a job is deployed when there are slots enough, and runs when its tasks do', async (t) => {
  const { world, one, two } = await running();
  t.is(one.of('deploy-task').length, 2);
  t.is(two.of('deploy-task').length, 2);
  t.is(world.count('job-running'), 1);
});

test('a registration that comes twice is answered twice and changes nothing', async (t) => {
  const { world, one } = await running();
  one.register(FIRST);
  one.register(FIRST);
  await world.settle();
  t.is(one.of('registration-accepted').length, 3);
  t.deepEqual(one.of('registration-accepted')[2]?.session, FIRST);
  t.is(world.count('job-failing'), 0);
});

test('a later session of the same life means that its tasks are gone: one failure', async (t) => {
  const { world, one } = await running();
  one.register({ ...FIRST, number: 2 });
  await world.settle();
  t.is(world.count('job-failing'), 1);
});

test('a new life of a host is one failure, and is reached by its own connection', async (t) => {
  const { world, two } = await running();
  const again = new Worker(world.world, 'tm-1');
  again.register({ instance: 12, number: 1 });
  await world.settle(300);
  two.report('canceled');
  await world.settle(100);
  t.is(again.of('registration-accepted').length, 1);
  t.is(again.of('deploy-task').length, 2);
  t.is(world.count('job-failing'), 1);
  t.is(world.count('job-restoring'), 2);
});

test('a heartbeat of a session that is not known is answered so', async (t) => {
  const { world, one } = await running();
  const stranger = { instance: 99, number: 4 };
  one.heartbeat(stranger);
  await world.settle();
  t.deepEqual(one.of('registration-unknown').at(-1)?.session, stranger);
  t.is(world.count('job-failing'), 0);
});

test('a host that is silent for too long is lost, one that speaks is not', async (t) => {
  const { world, two } = await running();
  await world.live(HEARTBEAT.timeoutMs + 300, [[two, SECOND]]);
  t.is(world.count('job-failing'), 1);
  const failing = world.events.find(({ kind }) => kind === 'job-failing');
  t.regex(failing?.kind === 'job-failing' ? failing.cause : '', /tm-1.*No heartbeat/);
});

test('a heartbeat names what should run on a host, and nothing of others', async (t) => {
  const { world, one } = await running();
  await world.settle(HEARTBEAT.intervalMs * 2);
  const deployed = one.of('deploy-task').map(({ deployment }) => deployment.attempt);
  t.deepEqual(one.of('job-manager-heartbeat').at(-1)?.attempts, deployed);
});

test('the next leader has a greater epoch and knows nobody', async (t) => {
  const { world, one } = await running();
  world.boot();
  await world.settle();
  one.heartbeat(FIRST);
  await world.settle(200);
  t.is(one.of('registration-unknown').at(-1)?.leaderEpoch, 2);
  t.is(world.count('leader-elected'), 2);
});

test('a job that has ended is not run again by the next leader', async (t) => {
  const { world, one, two } = await running();
  for (const worker of [one, two]) worker.report('finished');
  await world.settle(200);
  t.deepEqual(
    world.results.map(({ state }) => state),
    ['finished'],
  );
  t.is(world.count('job-finished'), 1);
  one.register({ ...FIRST, number: 2 });
  await world.settle(200);
  t.is(world.count('job-failing'), 0, 'After the end nothing fails');
  world.boot();
  await world.settle(200);
  one.register({ ...FIRST, number: 3 });
  await world.settle(200);
  t.deepEqual(
    world.results.map(({ state }) => state),
    ['finished', 'finished'],
  );
  t.is(world.count('job-restoring'), 1);
});

test('a result that cannot be stored at first is stored in the end, and told once', async (t) => {
  const { world, one, two } = await running();
  world.world.filesystem.failNext('sync', /job-result/);
  for (const worker of [one, two]) worker.report('finished');
  await world.settle(200);
  t.is(world.results.length, 0);
  await world.settle(1_000);
  t.deepEqual(
    world.results.map(({ state }) => state),
    ['finished'],
  );
  t.is(world.count('job-finished'), 1);
});

test('what an earlier leader has left goes in the end, where the job is found ended', async (t) => {
  const { world, one, two } = await running();
  for (const worker of [one, two]) worker.report('finished');
  await world.settle(200);
  const { filesystem } = world.world;
  // As after a power loss before the removal was durable.
  const left = `/checkpoints/${world.graph.id}/shared/left`;
  await filesystem.makeDirectory(`/checkpoints/${world.graph.id}`);
  await filesystem.makeDirectory(`/checkpoints/${world.graph.id}/shared`);
  await filesystem.write(left, new Uint8Array(1));
  filesystem.failNext('remove', /left/);
  world.boot();
  await world.settle(200);
  t.not(await filesystem.status(left), undefined);
  t.is(world.results.length, 1, 'It does not end before');
  await world.settle(1_000);
  t.is(await filesystem.status(left), undefined);
  t.is(world.results.length, 2);
});
