// One source's SplitEnumerator and who has what of its splits. Lives and dies with a leader; after
// a failure it is either created anew from a checkpoint or gets back what single subtasks forgot.
// An enumerator is user code: what it throws fails the job, not the JobManager.

import { InvariantViolation, present } from '../../core/assert.ts';
import { OnceproofError } from '../../core/errors.ts';
import type { CheckpointId, ExecutionAttemptId, OperatorId } from '../../core/ids.ts';
import type {
  Source,
  SourceSplit,
  SplitEnumerator,
  SplitEnumeratorContext,
} from '../../connector/source.ts';
import { SplitAssignmentTracker } from '../../connector/split-assignment-tracker.ts';
import type { Environment } from '../../environment/environment.ts';
import { ByteReader } from '../../stream/byte-reader.ts';
import { ByteWriter } from '../../stream/byte-writer.ts';
import { genericSerializer } from '../../stream/serializers/generic-serializer.ts';
import type { Outcome } from '../actor/actor-system.ts';
import type { SourceCoordinatorStatus } from '../status.ts';

export interface SourceCoordinatorOptions {
  readonly operator: OperatorId;
  readonly source: Source<unknown>;
  readonly parallelism: number;
  readonly environment: Environment;
  readonly sendSplit: (attempt: ExecutionAttemptId, split: SourceSplit) => void;
  readonly sendNoMoreSplits: (attempt: ExecutionAttemptId) => void;
  readonly io: <T>(operation: () => Promise<T>, done: (outcome: Outcome<T>) => void) => void;
  /** The enumerator threw, or its I/O failed. Must not call back before it has returned. */
  readonly failed: (label: string, cause: unknown) => void;
}

type Enumerator = SplitEnumerator<SourceSplit, unknown>;

export class SourceCoordinator {
  readonly #options: SourceCoordinatorOptions;
  readonly #registered = new Map<number, ExecutionAttemptId>();
  /** Attempts that were told that there are no more splits. */
  readonly #dismissed = new Set<ExecutionAttemptId>();
  #tracker = new SplitAssignmentTracker<SourceSplit>();
  /** Undefined before the first deployment, and after the end. */
  #enumerator: Enumerator | undefined;
  /** Continuations of an earlier enumerator's I/O must not reach a later one. */
  #generation = 0;
  /** Labels of its enumerator's I/O that is under way. */
  readonly #pending: string[] = [];

  constructor(options: SourceCoordinatorOptions) {
    this.#options = options;
  }

  get operator(): OperatorId {
    return this.#options.operator;
  }

  status(): SourceCoordinatorStatus {
    const { operator, source } = this.#options;
    const registered = [...this.#registered.values()];
    return { operator, name: source.name, registered, pending: [...this.#pending] };
  }

  readerRegistered(subtask: number, attempt: ExecutionAttemptId): void {
    if (this.#registered.get(subtask) === attempt) return;
    this.#registered.set(subtask, attempt);
    this.#guard('add a reader', (enumerator) => enumerator.addReader(subtask));
  }

  splitRequested(subtask: number, attempt: ExecutionAttemptId): void {
    if (this.#registered.get(subtask) !== attempt) return;
    this.#guard('handle a request', (enumerator) => enumerator.handleSplitRequest(subtask));
  }

  /** Everything not assigned. To be taken before the tasks are triggered. Throws what it threw. */
  snapshot(checkpoint: CheckpointId): Uint8Array {
    const writer = new ByteWriter();
    const enumerator = present(this.#enumerator, 'Cannot snapshot a source that was not deployed');
    genericSerializer.serialize(enumerator.snapshotState(), writer);
    this.#tracker.onCheckpoint(checkpoint);
    return writer.take();
  }

  checkpointComplete(checkpoint: CheckpointId): void {
    this.#tracker.onCheckpointComplete(checkpoint);
  }

  /** All subtasks go back to a checkpoint, or to the very start. */
  resetToCheckpoint(restored: Uint8Array | undefined): void {
    this.close();
    this.#registered.clear();
    this.#dismissed.clear();
    this.#tracker = new SplitAssignmentTracker();
    try {
      this.#enumerator = this.#create(restored);
    } catch (error) {
      return this.#threw('create', error);
    }
    this.#guard('start', (enumerator) => enumerator.start());
  }

  /** One subtask goes back; what it was assigned since is unassigned again. */
  subtaskReset(subtask: number, restored: CheckpointId | undefined): void {
    const attempt = this.#registered.get(subtask);
    if (attempt !== undefined) this.#dismissed.delete(attempt);
    this.#registered.delete(subtask);
    const lost = this.#tracker.getAndRemoveUncheckpointedAssignment(subtask, restored);
    if (lost.length === 0) return;
    this.#guard('take splits back', (enumerator) => enumerator.addSplitsBack(lost, subtask));
  }

  close(): void {
    this.#generation++;
    this.#guard('close', (enumerator) => enumerator.close());
    this.#enumerator = undefined;
  }

  #guard(label: string, use: (enumerator: Enumerator) => void): void {
    if (this.#enumerator === undefined) return;
    try {
      use(this.#enumerator);
    } catch (error) {
      this.#threw(label, error);
    }
  }

  #threw(label: string, error: unknown): void {
    if (error instanceof InvariantViolation) throw error;
    const { source, failed } = this.#options;
    failed(`Cannot ${label}: the enumerator of "${source.name}" threw`, error);
  }

  #create(restored: Uint8Array | undefined): Enumerator {
    const generation = ++this.#generation;
    const { source, parallelism, environment, io } = this.#options;
    const state =
      restored === undefined ? undefined : genericSerializer.deserialize(new ByteReader(restored));
    const context: SplitEnumeratorContext<SourceSplit> = {
      parallelism,
      clock: environment.clock,
      filesystem: environment.filesystem,
      random: environment.random.fork(`enumerator/${this.#options.operator}`),
      registeredReaders: () => [...this.#registered.keys()].sort((a, b) => a - b),
      assignSplit: (split, subtask) => this.#assign(split, subtask),
      signalNoMoreSplits: (subtask) => {
        const attempt = this.#registered.get(subtask);
        if (attempt === undefined) return;
        this.#dismissed.add(attempt);
        this.#options.sendNoMoreSplits(attempt);
      },
      io: (label, operation, done) => {
        this.#pending.push(label);
        io(operation, (outcome) => {
          this.#pending.splice(this.#pending.indexOf(label), 1);
          if (generation !== this.#generation) return;
          if (outcome.kind === 'failed') this.#options.failed(label, outcome.cause);
          else this.#guard(label, () => done(outcome.value));
        });
      },
    };
    return source.createEnumerator(context, state);
  }

  // A split may only go to a reader that is there: otherwise it would be lost with the message.
  #assign(split: SourceSplit, subtask: number): void {
    const attempt = this.#registered.get(subtask);
    if (attempt === undefined) {
      throw new OnceproofError('OP-E206', `Cannot assign split "${split.splitId}" to ${subtask}`, {
        place: this.#options.source.name,
        remedy: 'Assign to registered readers only: see registeredReaders()',
      });
    }
    // It may be over already, and would never read it.
    if (this.#dismissed.has(attempt)) {
      throw new OnceproofError('OP-E206', `Cannot assign split "${split.splitId}" to ${subtask}`, {
        place: this.#options.source.name,
        remedy: 'Assign nothing to a reader that was told that there are no more splits',
      });
    }
    this.#tracker.recordSplitAssignment(split, subtask);
    // The reader owns its split from here on and may change it as it reads.
    this.#options.sendSplit(attempt, genericSerializer.copy(split) as SourceSplit);
  }
}
