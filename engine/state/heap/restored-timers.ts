// The timers of a queue that were restored in the format that every backend reads. Taken once, by
// whoever opens the queue.

import type { TypeSerializer } from '../../stream/type-serializer.ts';
import type { RestoredTimer } from './heap-timer-queue.ts';
import type { KeyContext } from './key-context.ts';
import { checkGroup } from './restore-checks.ts';
import type { RestoredStates } from './restored-states.ts';
import { readBlock } from './snapshot-reader.ts';

export interface RestoredTimersOptions {
  readonly context: KeyContext;
  readonly key: TypeSerializer<unknown>;
  readonly restored: RestoredStates;
  readonly operatorName: string;
}

/** OP-E405 for another namespace, OP-E409 for a key that no longer belongs to its key group. */
export function restoredTimers<N>(
  { context, key: keys, restored, operatorName }: RestoredTimersOptions,
  name: string,
  namespace: TypeSerializer<N>,
): readonly RestoredTimer<N>[] {
  const { maxParallelism } = context;
  const timers: RestoredTimer<N>[] = [];
  for (const block of restored.take('timers', name)) {
    const { keyGroup } = block;
    restored.checkNamespace(block, namespace);
    readBlock(block, (input) => {
      const timestamp = input.readSignedVarint();
      const sequence = input.readVarint();
      const key = keys.deserialize(input);
      checkGroup({ key, keyGroup }, { name, maxParallelism, operatorName });
      const of = namespace.deserialize(input);
      timers.push({ timestamp, sequence, key, keyGroup, namespace: of });
    });
  }
  return timers;
}
