// The atlas knows which copies are left, and what follows for whoever wants to restore.

import test from 'ava';
import { FaultAtlas } from './fault-atlas.ts';

const OLD = '/shared/checkpoints/job/chk-1/keyed-1';
const SHARED = '/shared/checkpoints/job/shared/1-table';
const NEW = '/shared/checkpoints/job/chk-2/keyed-2';

/** Two complete checkpoints, which share a file. */
function twoCheckpoints(): FaultAtlas {
  const atlas = new FaultAtlas();
  atlas.published(1, ['/chk-1/_metadata', OLD, SHARED]);
  atlas.completed(1);
  atlas.published(2, ['/chk-2/_metadata', NEW, SHARED]);
  atlas.completed(2);
  return atlas;
}

test('without damage, and with damage to an older checkpoint alone, a job is recoverable', (t) => {
  const atlas = twoCheckpoints();
  t.deepEqual(atlas.verdict, { kind: 'recoverable' });
  atlas.damaged(OLD);
  atlas.damaged('/shared/checkpoints/job/chk-1/_metadata');
  t.deepEqual(atlas.verdict, { kind: 'recoverable' });
});

for (const path of [NEW, SHARED, '/shared/checkpoints/job/chk-2/_metadata']) {
  test(`with ${path} damaged it must be refused`, (t) => {
    const atlas = twoCheckpoints();
    t.false(atlas.survives([path]));
    t.deepEqual(atlas.verdict, { kind: 'recoverable' }, 'survives() only asks');
    atlas.damaged(path);
    t.is(atlas.verdict.kind, 'must-refuse');
  });
}

test('an artefact is lost with the last of its copies, and is back with a repair', (t) => {
  const atlas = twoCheckpoints();
  atlas.stored(NEW, '/replica/chk-2/keyed-2-copy');
  atlas.damaged(NEW);
  t.is(atlas.verdict.kind, 'recoverable');
  atlas.damaged('/replica/chk-2/keyed-2-copy');
  t.deepEqual(atlas.verdict, { kind: 'must-refuse', paths: [NEW] });
  atlas.stored(NEW, NEW);
  t.is(atlas.verdict.kind, 'recoverable');
});

test('what is published and not known to be complete may be the newest', (t) => {
  const atlas = twoCheckpoints();
  atlas.published(3, ['/chk-3/_metadata']);
  t.is(atlas.verdict.kind, 'recoverable');
  atlas.damaged('/shared/checkpoints/job/chk-3/_metadata');
  t.is(atlas.verdict.kind, 'may-refuse');
});

test('damage to what nobody knows of may matter, unless it is of an older checkpoint', (t) => {
  const atlas = twoCheckpoints();
  atlas.damaged('/shared/checkpoints/job/chk-1/unknown');
  t.is(atlas.verdict.kind, 'recoverable');
  atlas.damaged('/shared/job-manager/job/completed-checkpoint');
  t.is(atlas.verdict.kind, 'may-refuse');
});
