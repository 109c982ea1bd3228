// A TaskManager against a JobManager that the test plays by hand.

import test from 'ava';

import { FileArtefactStore } from '../checkpoint/file-artefact-store.ts';
import { FileSystemWorkerStorage } from '../checkpoint/file-system-worker-storage.ts';
import { type ExecutionAttemptId, executionAttemptId } from '../core/ids.ts';
import type { ForeignServices } from '../environment/foreign-services.ts';
import { address } from '../environment/network.ts';
import type { JobGraph } from '../graph/job-graph.ts';
import { MemoryStateBackend } from '../state/hash-map-state-backend.ts';
import type { KeyedStateBackendOptions, StateBackend } from '../state/state-backend.ts';
import { ActorSystem } from './actor/actor-system.ts';
import {
  JOB_MANAGER_NAME,
  TASK_MANAGER_NAME,
  type TaskDeployment,
  type TaskManagerSession,
  type ToJobManager,
  type ToTaskManager,
} from './messages.ts';
import { NO_OBSERVER } from './observer.ts';
import { TaskManager } from './task-manager.ts';
import { twoVertices } from './testing/graphs.ts';
import { WeakWorld } from './testing/weak-world.ts';

/** What is at hand, and used by nobody here. */
const NO_SERVICES = { keyValueStores: 'stores' } as unknown as ForeignServices;
const HEARTBEAT_MS = 1_000;
const TIMEOUT_MS = 5_000;

type Of<K extends ToJobManager['kind']> = Extract<ToJobManager, { readonly kind: K }>;

class World {
  readonly world = new WeakWorld();
  readonly heard: ToJobManager[] = [];
  readonly graph = twoVertices();
  jobManager: ActorSystem;
  readonly #program: () => JobGraph;

  readonly #localDirectory: string | undefined;
  taskManager: TaskManager;

  constructor(program?: () => JobGraph, localDirectory?: string) {
    this.#program = program ?? (() => this.graph);
    this.#localDirectory = localDirectory;
    this.jobManager = this.#bootJobManager();
    this.taskManager = this.bootTaskManager();
  }

  restartJobManager(): void {
    this.jobManager = this.#bootJobManager();
  }

  bootTaskManager(): TaskManager {
    const environment = { ...this.world.boot('tm'), services: NO_SERVICES };
    this.taskManager = new TaskManager({
      system: new ActorSystem({ environment }),
      slots: 2,
      jobManager: address('jm'),
      program: this.#program,
      storage: new FileSystemWorkerStorage({
        store: new FileArtefactStore(environment.filesystem),
        baseDirectory: '/checkpoints',
        job: this.graph.id,
        dataInlineThresholdBytes: 100,
      }),
      observer: NO_OBSERVER,
      heartbeatIntervalMs: HEARTBEAT_MS,
      localDirectory: this.#localDirectory,
    });
    this.taskManager.start();
    return this.taskManager;
  }

  tell(message: ToTaskManager): void {
    this.jobManager.send({ host: address('tm'), name: TASK_MANAGER_NAME }, message);
  }

  accept(leaderEpoch: number, session = this.session): void {
    this.tell({
      kind: 'registration-accepted',
      leaderEpoch,
      session,
      heartbeatTimeoutMs: TIMEOUT_MS,
    });
  }

  keepAlive(leaderEpoch: number, attempts: readonly ExecutionAttemptId[]): void {
    this.tell({ kind: 'job-manager-heartbeat', leaderEpoch, attempts });
  }

  of<K extends ToJobManager['kind']>(kind: K): readonly Of<K>[] {
    return this.heard.filter((message): message is Of<K> => message.kind === kind);
  }

  /** Of the newest registration. */
  get session(): TaskManagerSession {
    return this.of('register-task-manager').at(-1)?.session ?? { instance: 0, number: 0 };
  }

  /** `attempt=state`, in order. */
  get states(): readonly string[] {
    return this.of('task-state').map(({ attempt, state }) => `${attempt}=${state}`);
  }

  settle(ms = 20): Promise<void> {
    return this.world.settle(ms);
  }

  #bootJobManager(): ActorSystem {
    const system = new ActorSystem({ environment: this.world.boot('jm') });
    system.spawn(JOB_MANAGER_NAME, {
      receive: (mail) => void this.heard.push(mail as ToJobManager),
    });
    return system;
  }
}

function deployment(world: World, name: string, leaderEpoch: number): TaskDeployment {
  const source = world.graph.vertices.find((vertex) => vertex.source !== undefined);
  if (source === undefined) throw new Error('no source');
  return {
    attempt: executionAttemptId(name),
    attemptNumber: 0,
    leaderEpoch,
    vertex: source.id,
    subtask: 0,
    parallelism: 2,
    maxParallelism: 128,
    inputs: [],
    outputs: [],
    restore: undefined,
  };
}

async function registered(leaderEpoch = 1): Promise<World> {
  const world = new World();
  await world.settle();
  world.accept(leaderEpoch);
  await world.settle();
  return world;
}

test('registration is repeated until it is answered, ever more seldom', async (t) => {
  const world = new World();
  await world.settle(5_000);
  const { length } = world.of('register-task-manager');
  t.true(length >= 5 && length <= 12, `${length} registrations in 5 s`);
  world.accept(1);
  await world.settle(HEARTBEAT_MS * 2);
  const after = world.of('register-task-manager').length;
  world.keepAlive(1, []);
  await world.settle(HEARTBEAT_MS * 2);
  t.is(world.of('register-task-manager').length, after);
  t.true(world.of('task-manager-heartbeat').length >= 2);
});

test('an answer to an earlier session is not taken for one to this', async (t) => {
  const world = await registered();
  const old = world.session;
  world.tell({ kind: 'registration-unknown', leaderEpoch: 1, session: old });
  await world.settle(200);
  t.is(world.session.number, old.number + 1);
  world.accept(1, old);
  await world.settle(50);
  world.tell({ kind: 'deploy-task', deployment: deployment(world, 'stale', 1) });
  await world.settle(50);
  t.deepEqual(world.states, []);
  world.accept(1);
  await world.settle(50);
  world.tell({ kind: 'deploy-task', deployment: deployment(world, 'fresh', 1) });
  await world.settle(50);
  t.deepEqual(world.states, ['fresh=initializing', 'fresh=running']);
});

test('a task that is not here is reported canceled: the JobManager waits for it', async (t) => {
  const world = await registered();
  world.tell({ kind: 'cancel-task', attempt: executionAttemptId('never came') });
  await world.settle();
  t.deepEqual(world.states, ['never came=canceled']);
});

test('tasks run until they are canceled, and are deployed once', async (t) => {
  const world = await registered();
  const one = deployment(world, 'one', 1);
  world.tell({ kind: 'deploy-task', deployment: one });
  world.tell({ kind: 'deploy-task', deployment: one });
  await world.settle(50);
  world.tell({ kind: 'cancel-task', attempt: one.attempt });
  await world.settle(50);
  t.deepEqual(world.states, ['one=initializing', 'one=running', 'one=canceled']);
});

test('a task that is canceled while it initializes ends at once and says no more', async (t) => {
  const world = await registered();
  world.tell({ kind: 'deploy-task', deployment: deployment(world, 'one', 1) });
  world.tell({ kind: 'cancel-task', attempt: executionAttemptId('one') });
  await world.settle(50);
  t.deepEqual(world.states, ['one=initializing', 'one=canceled']);
});

test('a deployment of another leader is ignored', async (t) => {
  const world = await registered(3);
  world.tell({ kind: 'deploy-task', deployment: deployment(world, 'old', 2) });
  world.tell({ kind: 'deploy-task', deployment: deployment(world, 'new', 4) });
  await world.settle(50);
  t.deepEqual(world.states, []);
});

test('a new leader ends the tasks of the old one; the old one cannot come back', async (t) => {
  const world = await registered(1);
  world.tell({ kind: 'deploy-task', deployment: deployment(world, 'old', 1) });
  await world.settle(50);
  world.accept(2);
  await world.settle(50);
  t.is(world.states.at(-1), 'old=canceled');
  world.accept(1);
  world.tell({ kind: 'deploy-task', deployment: deployment(world, 'older', 1) });
  world.keepAlive(1, []);
  world.tell({ kind: 'deploy-task', deployment: deployment(world, 'new', 2) });
  await world.settle(50);
  t.deepEqual(world.states.slice(-2), ['new=initializing', 'new=running']);
});

test('a heartbeat ends what should not run here, and nothing else', async (t) => {
  const world = await registered();
  for (const name of ['kept', 'leftover']) {
    world.tell({ kind: 'deploy-task', deployment: deployment(world, name, 1) });
  }
  await world.settle(50);
  world.keepAlive(2, []);
  await world.settle(50);
  t.false(world.states.includes('kept=canceled'), 'Of another leader: not heard');
  world.keepAlive(1, [executionAttemptId('kept')]);
  await world.settle(50);
  t.true(world.states.includes('leftover=canceled'));
  t.false(world.states.includes('kept=canceled'));
});

test('without heartbeats everything ends, and a new session begins', async (t) => {
  const world = await registered();
  const before = world.session.number;
  world.tell({ kind: 'deploy-task', deployment: deployment(world, 'one', 1) });
  await world.settle(TIMEOUT_MS - HEARTBEAT_MS);
  t.false(world.states.includes('one=canceled'));
  await world.settle(HEARTBEAT_MS * 3);
  t.true(world.states.includes('one=canceled'));
  t.true(world.session.number > before);
});

test('the loss of the connection to the JobManager ends everything at once', async (t) => {
  const world = await registered();
  const before = world.session.number;
  world.tell({ kind: 'deploy-task', deployment: deployment(world, 'one', 1) });
  await world.settle(50);
  world.restartJobManager();
  world.tell({ kind: 'job-manager-heartbeat', leaderEpoch: 1, attempts: [] });
  await world.settle(300);
  t.is(world.session.number, before + 1);
  // Nothing of before can be heard by the new life, the end of the task included.
  world.accept(2);
  await world.settle(50);
  world.tell({ kind: 'deploy-task', deployment: deployment(world, 'two', 2) });
  await world.settle(50);
  t.deepEqual(world.states.slice(-2), ['two=initializing', 'two=running']);
});

test('a new life of the host is another instance', async (t) => {
  const world = await registered();
  const before = world.session;
  world.bootTaskManager();
  await world.settle(300);
  t.not(world.session.instance, before.instance);
});

test('a program that throws, or is another one, fails the task and not the host', async (t) => {
  const broken = new World(() => {
    throw new Error('no such file');
  });
  await broken.settle();
  broken.accept(1);
  broken.tell({ kind: 'deploy-task', deployment: deployment(broken, 'one', 1) });
  await broken.settle(50);
  t.deepEqual(broken.states, ['one=failed']);
  t.regex(broken.of('task-state')[0]?.cause?.message ?? '', /no such file/);
  const world = await registered();
  const stranger = { ...deployment(world, 'two', 1), vertex: twoVertices().vertices[0]?.id };
  world.tell({
    kind: 'deploy-task',
    deployment: { ...deployment(world, 'two', 1), vertex: `${stranger.vertex}x` as never },
  });
  await world.settle(50);
  t.is(world.of('task-state')[0]?.cause?.code, 'OP-E618');
});

test('state that was opened for a task that is gone by then is closed again', async (t) => {
  let opened = 0;
  let disposed = 0;
  let open: () => void = () => {};
  const real = new MemoryStateBackend();
  const slow: StateBackend = {
    name: 'slow',
    createKeyedStateBackend: async (options) => {
      await new Promise<void>((resolve) => (open = resolve));
      const backend = await real.createKeyedStateBackend(options);
      const dispose = backend.dispose.bind(backend);
      backend.dispose = () => {
        disposed++;
        return dispose();
      };
      opened++;
      return backend;
    },
  };
  const graph = twoVertices({ configure: (env) => void env.setStateBackend(slow), isKeyed: true });
  const world = new World(() => graph);
  await world.settle();
  world.accept(1);
  const keyed = graph.vertices.find((vertex) => vertex.source === undefined);
  if (keyed === undefined) return t.fail();
  const one = { ...deployment(world, 'one', 1), vertex: keyed.id };
  for (const isCanceled of [true, false]) {
    const attempt = executionAttemptId(isCanceled ? 'canceled' : 'kept');
    world.tell({ kind: 'deploy-task', deployment: { ...one, attempt } });
    await world.settle();
    if (isCanceled) world.tell({ kind: 'cancel-task', attempt });
    await world.settle();
    open();
    await world.settle();
    t.is(disposed, 1);
  }
  t.is(opened, 2);
  world.tell({ kind: 'cancel-task', attempt: executionAttemptId('kept') });
  await world.settle();
  t.is(disposed, 2);
});

/** Runs the keyed task of the graph, on a backend that shows what it was opened with. */
class KeyedWorld {
  readonly opened: KeyedStateBackendOptions[] = [];
  readonly world: World;
  readonly #keyed: TaskDeployment;

  constructor(localDirectory?: string, dispose?: () => Promise<void>) {
    const real = new MemoryStateBackend();
    const backend: StateBackend = {
      name: 'local',
      createKeyedStateBackend: async (options) => {
        this.opened.push(options);
        const opened = await real.createKeyedStateBackend(options);
        if (dispose !== undefined) opened.dispose = dispose;
        return opened;
      },
    };
    const graph = twoVertices({
      configure: (env) => void env.setStateBackend(backend),
      isKeyed: true,
    });
    this.world = new World(() => graph, localDirectory);
    const vertex = graph.vertices.find(({ source }) => source === undefined);
    if (vertex === undefined) throw new Error('no keyed vertex');
    this.#keyed = { ...deployment(this.world, 'one', 1), vertex: vertex.id };
  }

  async run(name: string): Promise<void> {
    this.world.accept(1);
    const attempt = executionAttemptId(name);
    this.world.tell({ kind: 'deploy-task', deployment: { ...this.#keyed, attempt } });
    await this.world.settle(50);
  }
}

test('every attempt has a directory of its own on the local disk, never used before', async (t) => {
  const keyed = new KeyedWorld('/local');
  await keyed.world.settle();
  await keyed.run('one');
  await keyed.run('two');
  keyed.world.bootTaskManager();
  await keyed.world.settle(300);
  await keyed.run('three');
  const directories = keyed.opened.map(({ local }) => local?.directory ?? 'none');
  t.is(new Set(directories).size, 3);
  t.true(directories.every((directory) => /^\/local\/[^/]+$/.test(directory)));
  t.true(keyed.opened.every(({ trackDigest }) => trackDigest === false));
});

test('without a local disk a backend is offered none', async (t) => {
  const keyed = new KeyedWorld();
  await keyed.world.settle();
  await keyed.run('one');
  t.deepEqual(
    keyed.opened.map(({ local }) => local),
    [undefined],
  );
});

test('only artefacts in the directory of the job may be used again', async (t) => {
  const keyed = new KeyedWorld('/local');
  await keyed.world.settle();
  await keyed.run('one');
  const mayReuse = keyed.opened[0]?.mayReuse;
  const at = (path: string): boolean | undefined =>
    mayReuse?.({ kind: 'file', path, sizeBytes: 1, checksum: 0, scope: 'shared' });
  t.true(at(`/checkpoints/${keyed.world.graph.id}/shared/a`));
  t.false(at('/savepoints/savepoint-1/a'));
});

test('what an earlier life has left on the local disk is removed first', async (t) => {
  const keyed = new KeyedWorld('/local');
  const { filesystem } = keyed.world.world.boot('tm');
  await filesystem.makeDirectory('/local/1-1-op/inner');
  await filesystem.write('/local/1-1-op/inner/table', Uint8Array.of(1));
  await filesystem.write('/elsewhere', Uint8Array.of(1));
  keyed.world.bootTaskManager();
  await keyed.world.settle(300);
  t.deepEqual(await filesystem.list('/local'), []);
  t.not(await filesystem.status('/elsewhere'), undefined);
  await keyed.run('one');
  t.is(keyed.opened.length, 1);
});

test('who stops a TaskManager can wait for what its tasks are closing', async (t) => {
  let close: () => void = () => {};
  const closed = new Promise<void>((resolve) => (close = resolve));
  const keyed = new KeyedWorld('/local', () => closed);
  await keyed.world.settle();
  t.is(new KeyedWorld('/local').world.taskManager.stop(), undefined);
  await keyed.run('one');
  let isOver = false;
  const stopped = keyed.world.taskManager.stop()?.then(() => (isOver = true));
  await keyed.world.settle(50);
  t.false(isOver);
  close();
  await stopped;
  t.true(isOver);
});

test('JobManagers are asked in turn; one older than was known is not followed', async (t) => {
  const world = new WeakWorld();
  const heard = new Map(['jm', 'jm-2'].map((name) => [name, [] as ToJobManager[]]));
  const systems = [...heard].map(([name, mails]) => {
    const system = new ActorSystem({ environment: world.boot(name) });
    system.spawn(JOB_MANAGER_NAME, { receive: (mail) => void mails.push(mail as ToJobManager) });
    return system;
  });
  const environment = { ...world.boot('tm'), services: NO_SERVICES };
  const graph = twoVertices();
  new TaskManager({
    system: new ActorSystem({ environment }),
    slots: 1,
    jobManager: address('jm'),
    standbys: [address('jm-2')],
    program: () => graph,
    storage: new FileSystemWorkerStorage({
      store: new FileArtefactStore(environment.filesystem),
      baseDirectory: '/checkpoints',
      job: graph.id,
      dataInlineThresholdBytes: 100,
    }),
    observer: NO_OBSERVER,
    heartbeatIntervalMs: HEARTBEAT_MS,
  }).start();
  const accept = (index: number, leaderEpoch: number): void => {
    const asked = [...heard.values()][index]?.filter((mail) => mail.kind === REGISTERS) ?? [];
    const session = asked.at(-1)?.session ?? { instance: 0, number: 0 };
    systems[index]?.send(
      { host: address('tm'), name: TASK_MANAGER_NAME },
      { kind: 'registration-accepted', leaderEpoch, session, heartbeatTimeoutMs: TIMEOUT_MS },
    );
  };
  const registered = (name: string): boolean =>
    heard.get(name)?.some(({ kind }) => kind === 'task-manager-heartbeat') ?? false;
  await world.settle(800);
  t.true(
    heard.get('jm-2')?.some(({ kind }) => kind === REGISTERS),
    'The first does not answer',
  );
  accept(1, 7);
  await world.settle(HEARTBEAT_MS * 2);
  t.true(registered('jm-2'));
  // Without heartbeats it is alone again, and an older leader answers.
  await world.settle(TIMEOUT_MS);
  for (let turn = 0; turn < 8; turn++) {
    accept(0, 6);
    await world.settle(500);
  }
  t.false(registered('jm'));
  for (let turn = 0; turn < 8; turn++) {
    accept(0, 8);
    await world.settle(500);
  }
  t.true(registered('jm'));
});

const REGISTERS = 'register-task-manager';
