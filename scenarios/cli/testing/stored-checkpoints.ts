// For tests: checkpoints of a real job on real files, as a user's job leaves them behind.

import { mkdtempSync, readdirSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Encryption } from '../../../engine/checkpoint/encryption-keys.ts';
import { securedCheckpointStorage } from '../../../engine/checkpoint/secured-checkpoint-storage.ts';
import { directoryCheckpointStorage } from '../../../engine/checkpoint/store-checkpoint-storage.ts';
import { DiscardingSink, StreamExecutionEnvironment, valueState } from '../../../engine/index.ts';

export interface StoredJob {
  /** Of all jobs. */
  readonly base: string;
  /** Of this one. */
  readonly directory: string;
  readonly savepoint: string;
  /** The two checkpoints that it retains, the newer one last. */
  readonly checkpoints: readonly [string, string];
}

const RETAINED = 2;

/** Counts per key for a moment, takes a savepoint and is canceled; its checkpoints stay. */
export async function storedJob(
  name: string,
  options: { readonly base?: string; readonly encryption?: Encryption } = {},
): Promise<StoredJob> {
  const base = options.base ?? realpathSync(mkdtempSync(join(tmpdir(), 'onceproof-stored-')));
  const env = StreamExecutionEnvironment.create();
  const { encryption } = options;
  const protection = encryption === undefined ? {} : { encryption };
  env
    .setStateBackend('fs')
    .setCheckpointStorage(securedCheckpointStorage([directoryCheckpointStorage(base)], protection))
    .setHighAvailabilityStorage(join(base, '.jobs'))
    .enableCheckpointing(3_600_000)
    .setParallelism(2)
    .setMaxParallelism(8);
  env
    .getCheckpointConfig()
    .setRetainedCheckpoints(RETAINED)
    .setExternalizedCheckpointRetention('RETAIN_ON_CANCELLATION')
    .setDataInlineThreshold(90);
  let processed = 0;
  const numbers = Array.from({ length: 100_000 }, (_, id) => ({ id, key: id % 50 }));
  env
    .fromCollection(numbers, { name: 'numbers', recordsPerSecond: 2_000 })
    .uid('numbers')
    .keyBy(({ key }) => key)
    .process<number, { readonly count: ReturnType<typeof valueState<number>> }>({
      state: { count: valueState<number>('count') },
      processElement(_, { state }, out) {
        processed += 1;
        const count = (state.count.value() ?? 0) + 1;
        state.count.update(count);
        out.collect(count);
      },
    })
    .uid('count')
    .sinkTo(new DiscardingSink());
  const client = await env.executeAsync(name);
  /** So that all subtasks have state, and no two checkpoints have the same. */
  const more = async (): Promise<void> => {
    const before = processed;
    for (;;) {
      if (processed >= before + 150 && client.getJobStatus() === 'RUNNING') return;
      await sleep(5);
    }
  };
  await more();
  // The savepoint comes first: a checkpoint after it is the newest.
  const savepoint = await client.triggerSavepoint(join(base, '.savepoints'));
  for (let taken = 0; taken < RETAINED; taken++) {
    await more();
    await client.triggerCheckpoint();
  }
  await client.cancel();
  const directory = join(base, client.jobId);
  const kept = readdirSync(directory).filter((one) => one.startsWith('chk-'));
  const [older, newer] = kept.toSorted(byNumber).slice(-RETAINED);
  if (older === undefined || newer === undefined) throw new Error(`Only ${kept.join()} were kept`);
  const checkpoints = [join(directory, older), join(directory, newer)] as const;
  return { base, directory, savepoint, checkpoints };
}

function byNumber(left: string, right: string): number {
  return Number(left.slice('chk-'.length)) - Number(right.slice('chk-'.length));
}
