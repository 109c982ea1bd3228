// Whoever operates the job: asks its JobManager for savepoints, stops and cancels it, and submits
// what goes on from there. One person with a client: a request that finds no leader waits for one,
// a second stop waits for the first, and of a leader that dies nobody learns what it has done.

import { assert, present, unreachable } from '../../../engine/core/assert.ts';
import type { CheckpointOutcome } from '../../../engine/checkpoint/checkpoint-effects.ts';
import type { JobMaster } from '../../../engine/runtime/job/job-master.ts';
import type { FaultHandlers, OperationFault, World } from '../../../simulator/index.ts';
import type { JobStart, ObservedOperation, OwnedFile } from '../../checkers/observations.ts';
import { FIRST_SUBMISSION, type Submission, submissionAfter } from './submission.ts';

/** What is operated. */
export interface OperatedCluster {
  readonly savepointDirectory: string;
  readonly isOver: boolean;
  /** A leader knows the job. */
  readonly canBeAsked: boolean;
  /** Where the newest checkpoint lies that the job has completed or restored. */
  readonly latestCheckpoint: string | undefined;
  withMaster(use: (master: JobMaster) => void): void;
  /** Learns from the present leader which checkpoint is the newest. */
  lookAtCheckpoints(): void;
  rescaleByFailover(parallelism: number): void;
  /** The same job goes on. */
  submitAgain(parallelism?: number): void;
  /** Another job begins, and nothing of the one before it runs on. */
  submitAnew(start: Pick<JobStart, 'replaced' | 'isOtherVersion'>): void;
}

export interface OperationsOptions {
  readonly world: World;
  readonly cluster: () => OperatedCluster;
  /** How many versions of the job there are. */
  readonly versions: number;
  readonly backend: {
    readonly name: string;
    switchTo(name: string): void;
    placeOf(pointer: string, before: string): Pick<Submission, 'pointer' | 'clients'>;
  };
  /** Files of a snapshot that is its user's now, as a loss of power would leave them. */
  readonly filesOf: (pointer: string) => readonly OwnedFile[];
}

interface Request {
  readonly fault: OperationFault;
  readonly injected: () => void;
  attempts: number;
  isWithdrawn: boolean;
}

interface Asked {
  readonly request: Request;
  readonly index: number;
}

const LOOK_AGAIN_MS = 20;
/** After a refusal: there was no time for it, so there may be soon. */
const ASK_AGAIN_MS = 150;
const ATTEMPTS_MAX = 5;

export class Operations {
  readonly log: ObservedOperation[] = [];
  readonly #options: OperationsOptions;
  readonly #open = new Set<Asked>();
  /** The one that ends the job. */
  #ending: Asked | undefined;
  #savepoint: string | undefined;
  /** The job is over, and the next one not yet there to be asked anything. */
  #isSubmitting = false;
  #submission = FIRST_SUBMISSION;
  #submissions = 1;

  constructor(options: OperationsOptions) {
    this.#options = options;
  }

  /** What the cluster is to run. */
  get submitted(): { readonly submission: Submission } {
    return { submission: this.#submission };
  }

  readonly handler: NonNullable<FaultHandlers['operate']> = (fault, injected) => {
    const request: Request = { fault, injected, attempts: 0, isWithdrawn: false };
    this.#try(request);
    return () => {
      request.isWithdrawn = true;
    };
  };

  /** Another process leads: what the one before it was asked for, nobody answers. */
  leaderStarts(): void {
    for (const asked of this.#open) this.#end(asked, 'lost');
    this.#savepoint = undefined;
    this.#isSubmitting = false;
  }

  /** The job has stopped with a savepoint. */
  suspended(): void {
    const { cluster, backend } = this.#options;
    const asked = this.#ending;
    const fault = asked?.request.fault;
    const savepoint = this.#savepoint;
    if (asked !== undefined) this.#end(asked, 'done');
    this.#isSubmitting = true;
    switch (fault?.kind) {
      case 'rescale':
        return cluster().submitAgain(fault.parallelism);
      case 'upgrade':
        return this.#submitAnew(savepoint, backend.name, this.#options.versions);
      case 'switch-backend': {
        const before = backend.name;
        backend.switchTo(fault.backend);
        return this.#submitAnew(savepoint, before);
      }
      default:
        return cluster().submitAgain();
    }
  }

  /** The job is over for good; what it has left is there. */
  canceled(): void {
    const { cluster, backend } = this.#options;
    // One that has not even been restored has left nothing but what it was to start from.
    const pointer = cluster().latestCheckpoint ?? this.#submission.pointer;
    if (this.#ending !== undefined) this.#end(this.#ending, 'done', pointer);
    this.#isSubmitting = true;
    this.#submitAnew(pointer, backend.name);
  }

  #submitAnew(
    pointer: string | undefined,
    before: string,
    version = this.#submission.version,
  ): void {
    const { cluster, world, backend } = this.#options;
    world.at(world.nowMs, 'submit another job', () => {
      const last = this.#submission;
      const from =
        pointer === undefined || pointer === last.pointer
          ? { pointer, clients: last.clients }
          : backend.placeOf(pointer, before);
      this.#submission = submissionAfter(this.#submissions, { version, ...from });
      this.#submissions += 1;
      cluster().submitAnew({ replaced: last.job, isOtherVersion: version !== last.version });
    });
  }

  #try(request: Request): void {
    const cluster = this.#options.cluster();
    if (request.isWithdrawn || cluster.isOver) return;
    const isEnding = endsJob(request.fault) && this.#ending !== undefined;
    if (isEnding || this.#isSubmitting || !cluster.canBeAsked)
      return this.#later(request, LOOK_AGAIN_MS);
    request.attempts += 1;
    request.injected();
    this.#ask(this.#begin(request));
  }

  #later(request: Request, delayMs: number): void {
    const { world } = this.#options;
    world.at(world.nowMs + delayMs, `ask again: ${request.fault.kind}`, () => this.#try(request));
  }

  #begin(request: Request): Asked {
    const { kind } = request.fault;
    const asked = { request, index: this.log.length };
    this.log.push({ kind, askedMs: this.#options.world.nowMs, files: [] });
    this.#open.add(asked);
    if (endsJob(request.fault)) this.#ending = asked;
    return asked;
  }

  #ask(asked: Asked): void {
    const cluster = this.#options.cluster();
    const { savepointDirectory: target } = cluster;
    const { fault } = asked.request;
    switch (fault.kind) {
      case 'savepoint':
        return cluster.withMaster((master) => {
          const trigger = { kind: 'savepoint', target, stop: 'no' } as const;
          master.triggerCheckpoint(trigger, (outcome) => {
            if (this.#isSaved(asked, outcome)) this.#end(asked, 'done');
          });
        });
      case 'cancel':
        return cluster.withMaster((master) => {
          cluster.lookAtCheckpoints();
          master.cancelJob();
        });
      case 'rescale':
        if (fault.via === 'savepoint') return this.#stop(asked, target);
        // Nobody answers: the process is another one.
        this.#end(asked, 'done');
        return cluster.rescaleByFailover(fault.parallelism);
      case 'stop-with-savepoint':
      case 'upgrade':
      case 'switch-backend':
        return this.#stop(asked, target);
      default:
        return unreachable(fault);
    }
  }

  #stop(asked: Asked, target: string): void {
    this.#options.cluster().withMaster((master) => {
      master.stopWithSavepoint({ target, stop: 'suspend' }, (outcome) => {
        if (this.#isSaved(asked, outcome)) this.#savepoint = pointerOf(outcome);
      });
    });
  }

  /** Notes what was answered. A refusal is the end of it, and asked for once more. */
  #isSaved(asked: Asked, outcome: CheckpointOutcome): boolean {
    if (!this.#open.has(asked)) return false;
    if (outcome.kind === 'completed') {
      this.#note(asked, pointerOf(outcome));
      return true;
    }
    this.#end(asked, 'refused');
    if (asked.request.attempts < ATTEMPTS_MAX) this.#later(asked.request, ASK_AGAIN_MS);
    return false;
  }

  #note({ index }: Asked, savepoint: string): void {
    const { world, filesOf } = this.#options;
    const operation = present(this.log[index], 'Cannot note a savepoint that nobody asked for');
    world.unguarded(() => {
      this.log[index] = { ...operation, savepoint, files: filesOf(savepoint) };
    });
  }

  #end(asked: Asked, outcome: 'done' | 'refused' | 'lost', kept?: string): void {
    const { world } = this.#options;
    assert(this.#open.delete(asked), 'Cannot end an operation twice');
    if (this.#ending === asked) this.#ending = undefined;
    if (kept !== undefined) this.#note(asked, kept);
    const operation = present(this.log[asked.index], 'Cannot end what nobody asked for');
    this.log[asked.index] = { ...operation, endedMs: world.nowMs, outcome };
    world.note(`${operation.kind} is ${outcome}`);
  }
}

function endsJob(fault: OperationFault): boolean {
  return fault.kind !== 'savepoint';
}

function pointerOf(outcome: CheckpointOutcome): string {
  assert(outcome.kind === 'completed', 'Cannot name a savepoint that was not taken');
  return outcome.checkpoint.pointer;
}
