// A history in which every file is uploaded once holds; one in which a file that is there already
// is uploaded again, under another name, does not.

import test from 'ava';
import type { History } from './checker.ts';
import type { StorageEvent } from './observations.ts';
import { sharedFilesAreShared } from './sharing-checker.ts';

const SHARED = '/shared/checkpoints/job/shared';

function judge(checkpoints: readonly (readonly string[])[]) {
  const storage = checkpoints.map((names, index): StorageEvent => {
    const references = names.map((name) => `${SHARED}/${name}`);
    return { kind: 'metadata', timeMs: index, checkpoint: index + 1, references };
  });
  return sharedFilesAreShared.check({ storage } as Partial<History> as History);
}

test('files that stay are referred to under the name of their upload', (t) => {
  const held = judge([
    ['1-v-0-1-0-000001_sst-4'],
    ['1-v-0-1-0-000001_sst-4', '2-v-0-1-0-000002_sst-9'],
    ['2-v-0-1-0-000002_sst-9', '3-v-1-1-0-000001_sst-4'],
  ]);
  t.like(held, { verdict: 'valid', evaluated: 2 });
});

test('a file that is uploaded again is named, with the checkpoint that did', (t) => {
  const broken = judge([['1-v-0-1-0-000001_sst-4'], ['2-v-0-1-0-000001_sst-7']]);
  t.like(broken, {
    verdict: 'invalid',
    message: 'Checkpoint 2 uploaded v-0-1-0-000001_sst a second time',
    expected: [`${SHARED}/1-v-0-1-0-000001_sst-4`],
  });
});

test('without shared files nothing was looked at', (t) => {
  t.is(judge([['../chk-1/keyed-1'], []]).evaluated, 0);
});
