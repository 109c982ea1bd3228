// Corruption asks the atlas: what a job cannot recover from is done only where it may refuse.

import test from 'ava';
import { macrotask } from '../../simulator/index.ts';
import { defineScenario } from '../scenario.ts';
import { simulate } from '../simulate.ts';
import { countByPage } from '../workloads/count-by-page.ts';

function damaged(mayRefuse: boolean): Promise<Awaited<ReturnType<typeof simulate>>> {
  const scenario = defineScenario({
    id: 'test/damaged',
    claim: 'It ends as it may.',
    ...countByPage({ records: 160 }),
    faults: [],
    staged: [
      {
        kind: 'corrupt-checkpoint',
        afterCheckpoint: 2,
        artefact: 'newest',
        corruption: 'bit-flip',
      },
    ],
    mayRefuse,
  });
  const seed = '00000000000000a7';
  return simulate({ scenario, backend: 'fs', seed, drain: macrotask, record: true });
}

function hasWithheld({ trace = [] }: Awaited<ReturnType<typeof simulate>>): boolean {
  return trace.some(({ text }) => text.startsWith('corruption is withheld: the job needs /shared'));
}

test('damage to the newest checkpoint is withheld where the job may not refuse', async (t) => {
  const run = await damaged(false);
  t.is(run.verdict, 'valid', run.message);
  t.is(run.end, 'finished');
  t.true(hasWithheld(run));
});

test('it is done where the job may refuse, which it does for a reason', async (t) => {
  const run = await damaged(true);
  t.is(run.verdict, 'valid', run.message);
  t.is(run.end, 'failed');
  t.false(hasWithheld(run));
  t.like(run.properties['refuses-only-loss'], { verdict: 'valid', evaluated: 1 });
});
