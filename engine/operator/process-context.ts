// The one context object behind every process function. Which of it a function may use is
// decided by the type it sees; a part that its operator does not have is refused with an error.

import type { CheckpointId } from '../core/ids.ts';
import { OnceproofError } from '../core/errors.ts';
import { NO_TIMESTAMP } from '../stream/elements.ts';
import type { TimerService, TimeService } from './functions.ts';
import type { OutputTag } from './output-tag.ts';
import type { Output, TaskContext } from './stream-operator.ts';

export interface ProcessContextParts {
  readonly task: TaskContext;
  readonly output: Output<unknown>;
  readonly timerService: TimeService;
  readonly operatorState: Readonly<Record<string, unknown>>;
  /** Undefined where there is no current key. */
  readonly keyed:
    | { readonly state: Readonly<Record<string, unknown>>; readonly timerService: TimerService }
    | undefined;
  readonly broadcastState: Readonly<Record<string, unknown>>;
}

export class OperatorProcessContext {
  timestamp: number = NO_TIMESTAMP;
  timeDomain: 'event-time' | 'processing-time' = 'event-time';
  readonly operatorState: Readonly<Record<string, unknown>>;
  readonly broadcastState: Readonly<Record<string, unknown>>;
  readonly timerService: TimeService;
  readonly operatorName: string;
  readonly subtaskIndex: number;
  readonly parallelism: number;
  readonly attemptNumber: number;
  readonly restoredCheckpoint: CheckpointId | undefined;
  readonly #parts: ProcessContextParts;
  readonly #output: Output<unknown>;

  constructor(parts: ProcessContextParts) {
    const { task } = parts;
    this.#parts = parts;
    this.#output = parts.output;
    this.operatorState = parts.operatorState;
    this.broadcastState = parts.broadcastState;
    this.timerService = parts.keyed?.timerService ?? parts.timerService;
    this.operatorName = task.operatorName;
    this.subtaskIndex = task.subtaskIndex;
    this.parallelism = task.parallelism;
    this.attemptNumber = task.attemptNumber;
    this.restoredCheckpoint = task.restoredCheckpoint;
  }

  get key(): unknown {
    const { task, keyed } = this.#parts;
    if (keyed === undefined || task.keyed === undefined) throw this.#refuse('key');
    return task.keyed.currentKey;
  }

  get state(): Readonly<Record<string, unknown>> {
    const { keyed } = this.#parts;
    if (keyed === undefined) throw this.#refuse('state');
    return keyed.state;
  }

  output(tag: OutputTag<unknown>, value: unknown): void {
    this.#output.emitSide(tag.id, value, this.timestamp);
  }

  #refuse(part: string): OnceproofError {
    return new OnceproofError('OP-E215', `Cannot use context.${part}: there is no current key`, {
      place: this.operatorName,
      remedy: 'Use keyed state in the keyed side of a keyed operator only: call keyBy() before',
    });
  }
}
