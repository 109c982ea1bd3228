// A run that goes another way does the same up to where it departs, whatever faults have struck by
// then, and goes on differently; and a look at a run changes nothing and finds what is there.

import test from 'ava';
import { macrotask } from '../../simulator/index.ts';
import { scenarios } from '../suites/index.ts';
import { type Original, sharesPast, tryFuture } from './departures.ts';
import { digestBefore, lookBefore } from './look.ts';
import { endOf } from './positions.ts';
import { runSubject, type Subject } from './subject.ts';

function subjectOf(id: string, backend: string, seed: string): Subject {
  const scenario = scenarios.find((one) => one.id === id);
  if (scenario === undefined) throw new Error(`no scenario ${id}`);
  return { scenario, backend, seed, stage: { drain: macrotask } };
}

async function originalOf(subject: Subject): Promise<Original> {
  const result = await runSubject(subject, { record: true });
  const violation = { property: 'none', message: 'none' };
  const { trace = [], marks } = result;
  return { subject, violation, trace, marks, result, shownByMs: undefined };
}

for (const seed of ['0000000000000003', '0000000000000007']) {
  test(`futures of seed ${seed} share its past and differ afterwards`, async (t) => {
    const original = await originalOf(subjectOf('failover/keyed-count', 'fs', seed));
    const faults = original.trace.filter(({ kind }) => kind === 'fault').slice(0, 3);
    t.true(faults.length > 0);
    const places = faults.flatMap(({ step }) => [step, step + 1]);
    for (const step of [1, ...places]) {
      t.true(sharesPast(original, step, await tryFuture(original, step, 1)), `step ${step}`);
    }
    const [middle = 1] = places;
    const [one, again, other] = [
      await tryFuture(original, middle, 1),
      await tryFuture(original, middle, 1),
      await tryFuture(original, middle, 2),
    ];
    t.is(one.result.digest, again.result.digest);
    t.not(one.result.digest, other.result.digest);
    t.not(one.result.digest, original.result.digest);
    t.false(sharesPast(original, endOf(original.trace), one));
  });
}

for (const backend of ['fs', 'rocksdb']) {
  test(`a look at a run on ${backend} finds its state, and the run as it was`, async (t) => {
    const subject = subjectOf('failover/keyed-count', backend, '0000000000000003');
    const { trace } = await originalOf(subject);
    const end = endOf(trace);
    const late = trace.findLast(({ text }) => text.startsWith('checkpoint-triggered'));
    const step = late?.step ?? 1;
    const view = await lookBefore(subject, step);
    t.is(view?.digest, digestBefore(trace, step));
    t.is(view?.step, step);
    t.deepEqual(await lookBefore(subject, step), view);
    const entries = view?.states.flatMap((state) => state.entries) ?? [];
    t.true(entries.length > 0);
    t.true(entries.every(({ content }) => content.length > 0));
    t.true((view?.checkpoints.length ?? 0) > 0);
    t.is(view?.tasks.length, subject.scenario.cluster.parallelism * 2);
    t.is((await lookBefore(subject, end))?.step, end);
    t.is(await lookBefore(subject, end + 1), undefined);
  });
}
