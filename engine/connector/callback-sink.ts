// Sinks without transactions: a callback for programs that embed the engine and for examples, and
// one that throws everything away. The callback is at least once: after a failure records come
// again.

import type { PreparedCommit, Sink, SinkContext, SinkWriter } from './sink.ts';

export interface CallbackSinkOptions<IN> {
  /** Called with every record as it arrives, before any checkpoint covers it. */
  readonly write: (value: IN, timestamp: number, subtaskIndex: number) => void;
  readonly name?: string;
}

const NOTHING: PreparedCommit<never, never> = {
  committables: [],
  writerState: [],
  durable: undefined,
};

/** At least once: what was written after the last checkpoint is written again after a failure. */
export class CallbackSink<IN> implements Sink<IN, never, never> {
  readonly name: string;
  readonly #write: CallbackSinkOptions<IN>['write'];

  constructor(options: CallbackSinkOptions<IN>) {
    this.name = options.name ?? 'callback';
    this.#write = options.write;
  }

  createWriter({ subtaskIndex }: SinkContext): SinkWriter<IN, never, never> {
    const write = this.#write;
    return {
      write: (value, timestamp) => write(value, timestamp, subtaskIndex),
      isAvailable: () => true,
      prepareCommit: () => NOTHING,
      close: () => {},
    };
  }

  createCommitter(): { commit(committable: never): Promise<{ readonly kind: 'committed' }> } {
    return { commit: () => Promise.resolve({ kind: 'committed' }) };
  }
}

/** For benchmarks, and for jobs whose side outputs nobody wants. */
export class DiscardingSink<IN> implements Sink<IN, never, never> {
  readonly name = 'discarding';
  readonly #sink = new CallbackSink<IN>({ write: () => {} });

  createWriter(context: SinkContext): SinkWriter<IN, never, never> {
    return this.#sink.createWriter(context);
  }

  createCommitter(): { commit(committable: never): Promise<{ readonly kind: 'committed' }> } {
    return this.#sink.createCommitter();
  }
}
