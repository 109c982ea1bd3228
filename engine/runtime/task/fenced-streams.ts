// Where the snapshots of one attempt go: files of different attempts never have the same name, and
// what is written when the attempt is over, slowly or late, goes again, because nobody will ever
// hear of it.

import type {
  CheckpointOutput,
  CheckpointStreamFactory,
} from '../../checkpoint/checkpoint-storage.ts';

export interface Attempt {
  /** Differs from that of every other attempt of every subtask. */
  readonly fencingToken: string;
  readonly isOver: () => boolean;
}

export function fencedStreams(
  streams: CheckpointStreamFactory,
  attempt: Attempt,
): CheckpointStreamFactory {
  const { isSavepoint } = streams;
  return {
    ...(isSavepoint !== undefined && { isSavepoint }),
    open: (scope, hint) =>
      fencedOutput(streams.open(scope, `${attempt.fencingToken}-${hint}`), attempt),
    ofOperator: (operator) => fencedStreams(streams.ofOperator?.(operator) ?? streams, attempt),
  };
}

function fencedOutput(output: CheckpointOutput, { isOver }: Attempt): CheckpointOutput {
  return {
    write: async (bytes) => {
      if (isOver()) throw over();
      await output.write(bytes);
    },
    close: async () => {
      const handle = await output.close();
      if (!isOver()) return handle;
      await output.discard();
      throw over();
    },
    discard: () => output.discard(),
  };
}

function over(): Error {
  return new Error('Cannot write a snapshot: the task has ended');
}
