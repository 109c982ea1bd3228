// Keyed state of one backend beside a plain Map: carries out commands on both and compares all that
// can be read after each. A restore has to bring back what the Map held when the newest completed
// checkpoint was triggered, and no checkpoint that is retained may miss an artefact.

import { filesOf } from '../../../engine/checkpoint/completed-checkpoint.ts';
import { present } from '../../../engine/core/assert.ts';
import type { CheckpointId } from '../../../engine/core/ids.ts';
import type { EngineEvent } from '../../../engine/runtime/observer.ts';
import { keyGroupOf, operatorIndexOf } from '../../../engine/state/key-groups.ts';
import {
  addBallast,
  applyOperation,
  fireTimers,
  joinContents,
  readContent,
} from '../../../engine/state/testing/modeled-states.ts';
import { differenceOf, type StateContent } from '../../../engine/state/testing/model-content.ts';
import { MODEL_KEYS, type StateOperation } from '../../../engine/state/testing/model-operations.ts';
import { StateModel } from '../../../engine/state/testing/state-model.ts';
import type { Seed } from '../../../simulator/index.ts';
import type { OpenBackend } from '../../cluster/backends/backend-profile.ts';
import { JOB_MANAGER } from '../../cluster/hosts.ts';
import { CONCURRENT_MAX, MODEL_MAX_PARALLELISM, modelGraph } from './model-graph.ts';
import { ModelLeader } from './model-leader.ts';
import { ModelStage, TASK_MANAGERS } from './model-stage.ts';
import { isPassing, type ModelTask } from './model-task.ts';
import { ModelTroubles, type Trouble } from './model-trouble.ts';

export type ModelCommand =
  | { readonly kind: 'operate'; readonly operations: readonly StateOperation[] }
  /** Event time comes to this timestamp. */
  | { readonly kind: 'fire'; readonly timestamp: number }
  /** Processing time of the states goes by; nothing else notices. */
  | { readonly kind: 'elapse'; readonly byMs: number }
  /** A checkpoint: all tasks have taken their part, and write it while commands go on. */
  | { readonly kind: 'begin' }
  /** As soon as so many tasks have answered. */
  | { readonly kind: 'abort'; readonly answers: number }
  /** Until every checkpoint is complete, or given up. */
  | { readonly kind: 'settle' }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'lose-worker'; readonly worker: number; readonly how: 'crash' | 'kill' }
  | {
      readonly kind: 'lose-leader';
      readonly how: 'crash' | 'kill';
      /** All hosts of the cluster with it. */
      readonly everywhere: boolean;
      /** From then on. */
      readonly parallelism: number;
    }
  | { readonly kind: 'trouble'; readonly trouble: Trouble };

export interface ModelRunOptions {
  readonly seed: Seed;
  readonly backend: OpenBackend;
  readonly parallelism: number;
  readonly dataInlineThresholdBytes: number;
  /** Of state that each subtask has beside that of the model. */
  readonly ballastBytes: number;
}

/** What could be read after a command. */
export interface Observation {
  readonly content: StateContent;
  /** Of every subtask. */
  readonly digests: readonly string[];
}

/** What a run is worth something for. */
export type Happening =
  | 'completed'
  | 'aborted'
  | 'restored'
  | 'restored at another parallelism'
  | 'worker lost while a snapshot was written'
  | 'leader lost while a snapshot was written'
  | 'failed over'
  | 'two retained checkpoints shared a file';

export class ModelRun {
  readonly stage: ModelStage;
  readonly #options: ModelRunOptions;
  readonly #troubles: ModelTroubles;
  readonly #snapshots = new Map<CheckpointId, StateModel>();
  #parallelism: number;
  #model = new StateModel();
  #leader: ModelLeader | undefined;
  /** Tasks that have taken their part of the checkpoint that is being triggered. */
  #takenBy = 0;
  /** That have written it, since then. */
  #answers = 0;
  #completed = 0;
  readonly #happened = new Map<Happening, number>();

  constructor(options: ModelRunOptions) {
    this.#options = options;
    this.#parallelism = options.parallelism;
    this.stage = new ModelStage(options.seed, options.backend);
    this.#troubles = new ModelTroubles(this.stage);
  }

  /** How often. */
  countOf(happening: Happening): number {
    return this.#happened.get(happening) ?? 0;
  }

  /** The newest checkpoint that is known to be complete; 0 if none is. */
  get completed(): number {
    return this.#completed;
  }

  async start(): Promise<void> {
    await this.stage.start();
    await this.#lead();
  }

  /** Throws where the state and the Map differ. */
  async perform(command: ModelCommand): Promise<Observation> {
    await this.#carryOut(command);
    await this.#failOverIfFailed();
    const observation = await this.#observe();
    const expected = this.#model.content();
    const difference = differenceOf(observation.content, expected);
    if (difference !== undefined) throw new Error(`After ${command.kind}, ${difference}`);
    if (!KEEPS_ARTEFACTS.has(command.kind)) await this.#checkRetained(command);
    return observation;
  }

  /**
   * Once nothing is wrong any more, a checkpoint completes, and everything is restored from it. The
   * first one may show that a store had failed before, and end in a failover: then the next does.
   */
  async end(parallelism: number): Promise<void> {
    this.#troubles.healAll();
    await this.perform({ kind: 'settle' });
    const before = this.#completed;
    const failovers = this.countOf('failed over');
    await this.#completeOne();
    const hasFailedOver = this.countOf('failed over') > failovers;
    if (this.#completed <= before && hasFailedOver) await this.#completeOne();
    if (this.#completed <= before) throw new Error('Nothing is wrong, but no checkpoint completes');
    await this.perform({ kind: 'lose-leader', how: 'crash', everywhere: true, parallelism });
  }

  async #completeOne(): Promise<void> {
    await this.perform({ kind: 'begin' });
    await this.perform({ kind: 'settle' });
  }

  async #carryOut(command: ModelCommand): Promise<void> {
    switch (command.kind) {
      case 'operate':
        for (const operation of command.operations) await this.#operate(operation);
        return;
      case 'fire':
        return this.#fire(command.timestamp);
      case 'elapse':
        this.#model.nowMs += command.byMs;
        return;
      case 'begin':
        return this.#begin();
      case 'abort':
        return this.#abort(command.answers);
      case 'settle':
        return this.stage.until('no checkpoint is under way', () => !this.#isWriting);
      case 'wait':
        return this.stage.pass(command.ms);
      case 'lose-worker':
        return this.#loseWorker(command);
      case 'lose-leader':
        return this.#loseLeader(command);
      case 'trouble':
        return this.#troubles.begin(command.trouble);
    }
  }

  get #leading(): ModelLeader {
    return present(this.#leader, 'Cannot use the job: nobody leads it');
  }

  get #coordinator() {
    return this.#leading.checkpoints.coordinator;
  }

  get #isWriting(): boolean {
    return this.#coordinator.pendingIds().length > 0;
  }

  #count(happening: Happening): void {
    this.#happened.set(happening, this.countOf(happening) + 1);
  }

  async #operate(operation: StateOperation): Promise<void> {
    const group = keyGroupOf(MODEL_KEYS[operation.key], MODEL_MAX_PARALLELISM);
    const index = operatorIndexOf(group, this.#parallelism, MODEL_MAX_PARALLELISM);
    const task = present(this.#leading.tasks[index], `Cannot find task ${index}`);
    const change = (): Promise<void> => applyOperation(task.keyed, operation);
    const isDone = await this.#survive(() => this.stage.perform(task.life, change));
    if (isDone) this.#model.apply(operation);
  }

  async #fire(timestamp: number): Promise<void> {
    const fired: string[] = [];
    const isDone = await this.#survive(async () => {
      for (const { life, keyed } of this.#leading.tasks) {
        fired.push(...(await this.stage.perform(life, () => fireTimers(keyed, timestamp))));
      }
    });
    if (!isDone) return;
    const expected = this.#model.fire(timestamp).join();
    const found = fired.toSorted().join();
    if (found !== expected) throw new Error(`Timers ${found} fire instead of ${expected}`);
  }

  async #begin(): Promise<void> {
    if (this.#coordinator.pendingIds().length >= CONCURRENT_MAX) return;
    const leader = this.#leading;
    let isOver = false;
    this.#takenBy = 0;
    this.#answers = 0;
    await leader.run(() => {
      this.#coordinator.triggerCheckpoint({ kind: 'manual' }, () => {
        isOver = true;
      });
    });
    await this.stage.until('all tasks have taken their snapshots', () => {
      return isOver || leader.failure !== undefined || this.#takenBy === leader.tasks.length;
    });
  }

  async #abort(answers: number): Promise<void> {
    const leader = this.#leading;
    await this.stage.until('tasks have answered', () => {
      return !this.#isWriting || leader.failure !== undefined || this.#answers >= answers;
    });
    await leader.run(() => this.#coordinator.abortAll('checkpoint-expired'));
  }

  async #loseWorker({
    worker,
    how,
  }: Extract<ModelCommand, { readonly kind: 'lose-worker' }>): Promise<void> {
    const host = present(TASK_MANAGERS[worker % TASK_MANAGERS.length], 'Cannot find the worker');
    if (this.#isWriting) this.#count('worker lost while a snapshot was written');
    await this.stage.restart([host], how);
    await this.#failOver();
  }

  async #loseLeader({
    how,
    everywhere,
    parallelism,
  }: Extract<ModelCommand, { readonly kind: 'lose-leader' }>): Promise<void> {
    if (this.#isWriting) this.#count('leader lost while a snapshot was written');
    const orphans = everywhere ? [] : this.#leading.tasks;
    await this.stage.restart([JOB_MANAGER, ...(everywhere ? TASK_MANAGERS : [])], how);
    this.#parallelism = parallelism;
    await this.#lead(orphans);
  }

  async #lead(orphans: readonly ModelTask[] = []): Promise<void> {
    const { stage } = this;
    const leader = await ModelLeader.recover({
      stage,
      graph: modelGraph({
        parallelism: this.#parallelism,
        stateBackend: stage.profile.stateBackend(),
        dataInlineThresholdBytes: this.#options.dataInlineThresholdBytes,
      }),
      nowMs: () => this.#model.nowMs,
      observe: (event) => this.#observed(event),
      triggered: (checkpoint) => this.#triggered(checkpoint),
      answered: () => {
        this.#answers++;
      },
    });
    // They go on writing for an earlier leader until they hear of the new one.
    for (const orphan of orphans) await stage.perform(orphan.life, () => orphan.cancel());
    this.#leader = leader;
    await this.#deploy();
  }

  async #failOver(): Promise<void> {
    this.#count('failed over');
    await this.#leading.cancelTasks();
    await this.#deploy();
  }

  async #failOverIfFailed(): Promise<void> {
    if (this.#leading.failure !== undefined) await this.#failOver();
  }

  async #deploy(): Promise<void> {
    const restored = await this.#leading.deploy();
    const id = restored?.id ?? 0;
    if (id < this.#completed) {
      throw new Error(`Checkpoint ${id} is restored, though ${this.#completed} was complete`);
    }
    this.#completed = id;
    if (restored !== undefined) this.#count('restored');
    const [before] = restored?.metadata.vertices ?? [];
    if (before !== undefined && before.parallelism !== this.#parallelism) {
      this.#count('restored at another parallelism');
    }
    const { nowMs } = this.#model;
    this.#model =
      restored === undefined
        ? new StateModel()
        : present(this.#snapshots.get(restored.id), `Nobody took checkpoint ${id}`).copy();
    this.#model.nowMs = nowMs;
    await this.#addBallast();
  }

  async #addBallast(): Promise<void> {
    const { ballastBytes } = this.#options;
    if (ballastBytes === 0) return;
    await this.#survive(async () => {
      for (const { life, keyed } of this.#leading.tasks) {
        await this.stage.perform(life, () => addBallast(keyed, ballastBytes));
      }
    });
  }

  /** False: a disk or a service failed, and all tasks started again from the newest checkpoint. */
  async #survive(operation: () => Promise<void>): Promise<boolean> {
    try {
      await operation();
      return true;
    } catch (error) {
      if (!isPassing(error)) throw error;
      await this.#failOver();
      return false;
    }
  }

  async #observe(): Promise<Observation> {
    for (;;) {
      const contents: StateContent[] = [];
      const digests: string[] = [];
      const isDone = await this.#survive(async () => {
        for (const { life, keyed } of this.#leading.tasks) {
          contents.push(await this.stage.perform(life, () => readContent(keyed)));
          digests.push(keyed.logicalDigest());
        }
      });
      if (isDone) return { content: joinContents(contents), digests };
    }
  }

  async #checkRetained({ kind }: ModelCommand): Promise<void> {
    const files = this.#coordinator.retained().flatMap(filesOf);
    if (new Set(files).size < files.length) this.#count('two retained checkpoints shared a file');
    const problems = await this.#leading.problems();
    if (problems.length === 0) return;
    throw new Error(`After ${kind}, retained checkpoints are damaged: ${problems.join('; ')}`);
  }

  #observed(event: EngineEvent): void {
    if (event.kind === 'checkpoint-aborted') this.#count('aborted');
    if (event.kind !== 'checkpoint-completed') return;
    this.#count('completed');
    this.#completed = Math.max(this.#completed, event.checkpoint);
  }

  /** Nothing changes until all tasks have been asked: they all see this. */
  #triggered(checkpoint: CheckpointId): void {
    this.#takenBy++;
    if (!this.#snapshots.has(checkpoint)) this.#snapshots.set(checkpoint, this.#model.copy());
  }
}

/** Commands by which no artefact can go. */
const KEEPS_ARTEFACTS: ReadonlySet<ModelCommand['kind']> = new Set([
  'operate',
  'fire',
  'elapse',
  'trouble',
]);
