// What goes with a place to start from, in the user's process on a real disk: keys that only the
// savepoint needs, and the mistakes that a place can have.

import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';

import type { Encryption } from '../checkpoint/encryption-keys.ts';
import type { StreamExecutionEnvironment } from '../api/stream-execution-environment.ts';
import { OnceproofError } from '../core/errors.ts';
import { EmbeddedBench } from '../environment/node/testing/embedded-bench.ts';
import { valueState } from '../operator/state-descriptors.ts';

const RECORDS = 120;
/** Far from done when it is stopped, also on a busy machine. */
const SLOW = 60;
const encryption: Encryption = { key: () => ({ id: 'k', bytes: new Uint8Array(32).fill(5) }) };

/** Numbers records within one key: each number once, or something was lost or repeated. */
function counting(bench: EmbeddedBench, recordsPerSecond = 100_000): StreamExecutionEnvironment {
  const env = bench.env();
  env
    .fromGenerator({ count: RECORDS, generate: () => 0, recordsPerSecond })
    .uid('numbers')
    .keyBy((key) => key)
    .process({
      state: { count: valueState('count', { defaultValue: 0 }) },
      processElement(_key: number, { state }, out: { collect(value: number): void }) {
        state.count.update(state.count.value() + 1);
        out.collect(state.count.value());
      },
    })
    .uid('count')
    .sinkTo(bench.sink())
    .uid('sink');
  return env;
}

test('an encrypted savepoint is read with keys that go with it, and not without', async (t) => {
  const bench = await EmbeddedBench.open();
  t.teardown(() => bench.close());
  const first = counting(bench, SLOW).setCheckpointStorage({
    place: bench.checkpoints,
    encryption,
  });
  const client = await first.executeAsync('first');
  while (client.getJobStatus() !== 'RUNNING') await sleep(2);
  const place = await client.stopWithSavepoint({ advanceToEndOfEventTime: false });
  const before = (await bench.committedNumbers()).length;
  t.true(before < RECORDS);
  const second = (): StreamExecutionEnvironment =>
    counting(bench).setCheckpointStorage(`${bench.directory}/elsewhere`);
  for (const [restoreFrom, code] of [
    [place, 'OP-E574'],
    [`ftp://host${place}`, 'OP-E581'],
    [`file://${place}-none`, 'OP-E505'],
  ] as const) {
    const refused = second().execute('second', { restoreFrom });
    await t.throwsAsync(refused, { instanceOf: OnceproofError, code });
  }
  t.is((await bench.committedNumbers()).length, before);
  const result = await second().execute('second', { restoreFrom: { place, encryption } });
  t.is(result.state, 'finished');
  t.deepEqual(
    await bench.committedNumbers(),
    Array.from({ length: RECORDS }, (_, index) => index + 1),
  );
});
