// All operators of one task, wired by plain calls. Drives their common lifecycle: upstream first
// where an operator may still emit into the next one, downstream first where it may not.

import { assert, present } from '../../core/assert.ts';
import type { CheckpointId } from '../../core/ids.ts';
import type { JobVertex } from '../../graph/job-graph.ts';
import type { Output, StreamOperator, TaskContext } from '../stream-operator.ts';
import { type EdgeOutput, outputTo } from './chain-outputs.ts';

/** A JobEdge that leaves the vertex. `operator`, `tag`: as in the JobEdge. */
export interface ChainOutput {
  readonly operator: number;
  readonly tag: string | undefined;
  readonly output: EdgeOutput;
}

export interface ChainOptions {
  readonly vertex: Pick<JobVertex, 'name' | 'operators' | 'links'>;
  /** One per operator of the vertex. */
  readonly contexts: readonly TaskContext[];
  readonly outputs: readonly ChainOutput[];
}

/** Index that stands for the vertex's source. */
const SOURCE = -1;

/** Creates the operators; open() is still to be called. */
export function buildChain(options: ChainOptions): OperatorChain {
  const { vertex, contexts } = options;
  assert(
    contexts.length === vertex.operators.length,
    `Cannot build "${vertex.name}": ${contexts.length} contexts`,
  );
  return new OperatorChain(options);
}

export class OperatorChain {
  /** In topological order, as in the vertex. */
  readonly operators: readonly StreamOperator[];
  /** Where the vertex's source emits to. Of vertices without a source: leads nowhere. */
  readonly sourceOutput: Output<unknown>;
  readonly #options: ChainOptions;
  readonly #outputs: Output<unknown>[] = [];
  readonly #availability: readonly (() => boolean)[];
  readonly #completion: readonly ((stoppedFor?: CheckpointId) => boolean)[];

  constructor(options: ChainOptions) {
    this.operators = options.vertex.operators.map(({ factory }) => factory.create());
    this.#options = options;
    // From the end, so that the output of every target is there before it is linked to.
    for (let from = this.operators.length - 1; from >= 0; from--) {
      this.#outputs[from] = this.#outputOf(from, options);
    }
    this.sourceOutput = this.#outputOf(SOURCE, options);
    this.#availability = this.operators.flatMap((operator) =>
      operator.isAvailable === undefined ? [] : [() => operator.isAvailable?.() ?? true],
    );
    this.#completion = this.operators.flatMap((operator) =>
      operator.isDone === undefined
        ? []
        : [(stoppedFor?: CheckpointId) => operator.isDone?.(stoppedFor) ?? true],
    );
  }

  /** Last first, so that an operator only ever emits into an open one. */
  open(): void {
    for (let index = this.operators.length - 1; index >= 0; index--) {
      const context = present(this.#options.contexts[index], `Cannot open operator ${index}`);
      this.#operator(index).open(context, this.#output(index));
    }
  }

  /** Only the first operator can be keyed: whatever changes the key goes through an exchange. */
  prepare(values: readonly unknown[], input: number): Promise<void> | undefined {
    return this.#operator(0).prepare?.(values, input);
  }

  prepareWatermark(timestamp: number): Promise<void> | undefined {
    return this.#operator(0).prepareWatermark?.(timestamp);
  }

  firePrepared(timestamp: number): boolean {
    return this.#operator(0).firePrepared?.(timestamp) ?? true;
  }

  processElement(value: unknown, timestamp: number, input: number): void {
    this.#operator(0).processElement(value, timestamp, input);
  }

  /** The hot path of a task with inputs: two parallel arrays, as in a RecordBatch. */
  processBatch(values: readonly unknown[], timestamps: readonly number[], input: number): void {
    const head = this.#operator(0);
    const count = values.length;
    for (let index = 0; index < count; index++) {
      head.processElement(values[index], timestamps[index] ?? 0, input);
    }
  }

  processWatermark(timestamp: number): void {
    this.#operator(0).processWatermark(timestamp);
  }

  processStatus(idle: boolean): void {
    const head = this.#operator(0);
    if (head.processStatus === undefined) this.#output(0).emitStatus(idle);
    else head.processStatus(idle);
  }

  prepareSnapshotPreBarrier(checkpoint: CheckpointId): void {
    for (const operator of this.operators) operator.prepareSnapshotPreBarrier?.(checkpoint);
  }

  /** The promises of operators with external work: all must be kept before the acknowledgement. */
  snapshotState(checkpoint: CheckpointId): Promise<void> | undefined {
    const external: Promise<void>[] = [];
    for (const operator of this.operators) {
      const work = operator.snapshotState?.(checkpoint);
      if (work !== undefined) external.push(work);
    }
    return external.length === 0 ? undefined : Promise.all(external).then(() => undefined);
  }

  notifyCheckpointComplete(checkpoint: CheckpointId): void {
    for (const operator of this.operators) operator.notifyCheckpointComplete?.(checkpoint);
  }

  notifyCheckpointAborted(checkpoint: CheckpointId): void {
    for (const operator of this.operators) operator.notifyCheckpointAborted?.(checkpoint);
  }

  isAvailable(): boolean {
    return this.#availability.every((isAvailable) => isAvailable());
  }

  isDone(stoppedFor?: CheckpointId): boolean {
    return this.#completion.every((isDone) => isDone(stoppedFor));
  }

  /** Names of operators that take no records now. */
  unavailable(): readonly string[] {
    return this.#named((operator) => operator.isAvailable?.() === false);
  }

  /** Names of operators that are not done. */
  undone(stoppedFor?: CheckpointId): readonly string[] {
    return this.#named((operator) => operator.isDone?.(stoppedFor) === false);
  }

  /** First to last: what one flushes, the next still processes before it is finished itself. */
  finish(): void {
    for (const operator of this.operators) operator.finish?.();
  }

  /** Closes every operator, even if one throws; throws what the first one threw. */
  close(): void {
    const failures: unknown[] = [];
    for (const operator of this.operators.toReversed()) {
      try {
        operator.close?.();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  #outputOf(from: number, { vertex, outputs }: ChainOptions): Output<unknown> {
    const links = vertex.links.filter((link) => link.from === from);
    for (const { to } of links) assert(to > from, `Cannot link operator ${from} back to ${to}`);
    return outputTo({
      links: links.map(({ tag, to }) => ({
        tag,
        target: { operator: this.#operator(to), output: this.#output(to) },
      })),
      edges: outputs.filter(({ operator }) => operator === from),
    });
  }

  #named(isMeant: (operator: StreamOperator) => boolean): readonly string[] {
    return this.#options.vertex.operators
      .filter((_, index) => isMeant(this.#operator(index)))
      .map(({ name }) => name);
  }

  #output(index: number): Output<unknown> {
    return present(this.#outputs[index], `Cannot find the output of operator ${index}`);
  }

  #operator(index: number): StreamOperator {
    return present(this.operators[index], `Cannot find operator ${index} in the chain`);
  }
}
