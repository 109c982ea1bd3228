// Remembers the artefacts that one snapshot has stored, so that they go again if the snapshot fails
// and nobody ever hears of them: shared files lie in no checkpoint's directory, and would stay
// until the job is over. What is still being written is its writer's to give up.

import type {
  CheckpointOutput,
  CheckpointStreamFactory,
} from '../../checkpoint/checkpoint-storage.ts';

export interface TrackedStreams {
  readonly streams: CheckpointStreamFactory;
  /** Of everything that was stored so far. Never rejects. */
  readonly discardAll: () => Promise<void>;
}

export function trackedStreams(streams: CheckpointStreamFactory): TrackedStreams {
  const stored: CheckpointOutput[] = [];
  return {
    streams: tracked(streams, stored),
    discardAll: async () => {
      for (const output of stored.splice(0)) await output.discard();
    },
  };
}

function tracked(
  streams: CheckpointStreamFactory,
  stored: CheckpointOutput[],
): CheckpointStreamFactory {
  const { isSavepoint } = streams;
  return {
    ...(isSavepoint !== undefined && { isSavepoint }),
    open: (scope, hint) => {
      const output = streams.open(scope, hint);
      return {
        write: (bytes) => output.write(bytes),
        close: async () => {
          const handle = await output.close();
          if (handle.kind === 'file') stored.push(output);
          return handle;
        },
        discard: () => output.discard(),
      };
    },
    ofOperator: (operator) => tracked(streams.ofOperator?.(operator) ?? streams, stored),
  };
}
