// What a failed snapshot has stored is discarded, once; what it has not, and what lies in messages,
// is left alone.

import test from 'ava';
import type {
  CheckpointOutput,
  CheckpointStreamFactory,
} from '../../checkpoint/checkpoint-storage.ts';
import { operatorId } from '../../core/ids.ts';
import type { StateHandle } from '../../state/state-handle.ts';
import { trackedStreams } from './tracked-streams.ts';

function handleOf(name: string, kind: 'file' | 'inline'): StateHandle {
  const common = { sizeBytes: 0, checksum: 0 };
  if (kind === 'inline') return { kind, bytes: new Uint8Array(0), ...common };
  return { kind, path: name, scope: 'shared', ...common };
}

function storage(discarded: string[], kind: 'file' | 'inline' = 'file'): CheckpointStreamFactory {
  const open = (_scope: string, hint: string): CheckpointOutput => ({
    write: () => Promise.resolve(),
    close: () => Promise.resolve(handleOf(hint, kind)),
    discard: () => {
      discarded.push(hint);
      return Promise.resolve();
    },
  });
  return { open, ofOperator: () => ({ open }) };
}

test('discardAll() discards what was stored, of every operator, and that once', async (t) => {
  const discarded: string[] = [];
  const tracked = trackedStreams(storage(discarded));
  const { streams } = tracked;
  await streams.open('shared', 'a').close();
  await streams.ofOperator?.(operatorId('op')).open('exclusive', 'b').close();
  streams.open('shared', 'never closed');
  await tracked.discardAll();
  await tracked.discardAll();
  t.deepEqual(discarded, ['a', 'b']);
});

test('discardAll() has nothing to do with state that lies in messages', async (t) => {
  const discarded: string[] = [];
  const tracked = trackedStreams(storage(discarded, 'inline'));
  await tracked.streams.open('exclusive', 'a').close();
  await tracked.discardAll();
  t.deepEqual(discarded, []);
});
