// What an attempt writes bears its name, and does not outlive it by accident.

import test from 'ava';

import type { CheckpointStreamFactory } from '../../checkpoint/checkpoint-storage.ts';
import { operatorId } from '../../core/ids.ts';
import { fencedStreams } from './fenced-streams.ts';

function recording(): { readonly streams: CheckpointStreamFactory; readonly said: string[] } {
  const said: string[] = [];
  const streams: CheckpointStreamFactory = {
    isSavepoint: true,
    open: (scope, hint) => ({
      write: async (bytes) => void said.push(`write ${bytes.length}`),
      close: async () => {
        said.push(`close ${scope} ${hint}`);
        return { kind: 'inline', bytes: new Uint8Array(), sizeBytes: 0, checksum: 0 };
      },
      discard: async () => void said.push('discard'),
    }),
    ofOperator: (operator) => {
      said.push(`of ${operator}`);
      return streams;
    },
  };
  return { streams, said };
}

test('names bear the token of the attempt, whosever state it is', async (t) => {
  const { streams, said } = recording();
  const fenced = fencedStreams(streams, { fencingToken: 'v-0-1-2', isOver: () => false });
  t.true(fenced.isSavepoint);
  await fenced.open('shared', 'a').close();
  await fenced.ofOperator?.(operatorId('sum')).open('exclusive', 'b').close();
  t.deepEqual(said, ['close shared v-0-1-2-a', 'of sum', 'close exclusive v-0-1-2-b']);
});

test('what is stored after the end of the attempt is taken away again', async (t) => {
  const { streams, said } = recording();
  let isOver = false;
  const attempt = { fencingToken: 'v', isOver: () => isOver };
  const output = fencedStreams(streams, attempt).open('exclusive', 'a');
  await output.write(Uint8Array.of(1));
  const closing = output.close();
  isOver = true;
  await t.throwsAsync(closing, { message: /the task has ended/ });
  t.deepEqual(said, ['write 1', 'close exclusive v-a', 'discard']);
});

test('nothing more is written once the attempt is over', async (t) => {
  const { streams, said } = recording();
  const output = fencedStreams(streams, { fencingToken: 'v', isOver: () => true }).open(
    'exclusive',
    'a',
  );
  await t.throwsAsync(output.write(Uint8Array.of(1)), { message: /the task has ended/ });
  t.deepEqual(said, []);
});
