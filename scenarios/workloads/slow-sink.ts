// A sink that takes its time, so that records pile up in front of it: in the channels of its task,
// in the outputs of the tasks before, and at the sources. What an unaligned barrier overtakes is
// there.

import type { Sink, SinkContext, SinkWriter } from '../../engine/connector/sink.ts';

/**
 * Writes as `sink` does, and holds input back for `pauseMs` after every batch that came, or every
 * one with a record that `isSlow`.
 */
export function slowSink<IN>(
  sink: Sink<IN>,
  pauseMs: number,
  isSlow: (value: IN) => boolean = () => true,
): Sink<IN> {
  return {
    name: sink.name,
    createWriter: (context, restored) =>
      slowWriter(sink.createWriter(context, restored), context, { pauseMs, isSlow }),
    createCommitter: (context) => sink.createCommitter(context),
    abortLingering: async (context) => {
      await sink.abortLingering?.(context);
    },
  };
}

function slowWriter<IN>(
  writer: SinkWriter<IN, unknown, unknown>,
  context: SinkContext,
  { pauseMs, isSlow }: { readonly pauseMs: number; readonly isSlow: (value: IN) => boolean },
): SinkWriter<IN, unknown, unknown> {
  let isPausing = false;
  return {
    write: (value, timestamp) => {
      writer.write(value, timestamp);
      if (isPausing || !isSlow(value)) return;
      isPausing = true;
      context.clock.schedule(pauseMs, () => {
        isPausing = false;
        context.wakeUp();
      });
    },
    isAvailable: () => !isPausing && writer.isAvailable(),
    prepareCommit: (checkpoint, endOfInput) => writer.prepareCommit(checkpoint, endOfInput),
    close: () => writer.close(),
  };
}
