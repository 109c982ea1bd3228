// A crash strikes right before the operation or right after it, and everything up to there is as in
// the undisturbed run; what it breaks is told.

import test from 'ava';
import { type Fault, macrotask } from '../../simulator/index.ts';
import { defineScenario, type ScenarioDefinition } from '../scenario.ts';
import { simulate } from '../simulate.ts';
import { type Visit, visits } from '../workloads/visits.ts';
import { type CrashGridOptions, openGrid, tryOperation } from './crash-grid.ts';
import { patternOf } from './durable-operations.ts';

const short: ScenarioDefinition<Visit, Visit> = {
  id: 'test/short',
  claim: 'Every record is in exactly one finished file.',
  workload: visits({ records: 24, recordsPerSecond: 60 }),
  checkpoints: { intervalMs: 100 },
  job: ({ source, sink }) => {
    source().sinkTo(sink()).uid('sink');
  },
  model: (records) => records,
  faults: [],
};

function grid(scenario = defineScenario(short)): CrashGridOptions {
  return { scenario, backend: 'fs', seed: '00000000000000c4', stage: { drain: macrotask } };
}

test('openGrid() finds what the JobManager and the tasks write', async (t) => {
  const { operations } = await openGrid(grid());
  const titles = new Set(operations.map(({ host, title }) => `${host} ${title}`));
  t.true(operations.length > 50);
  for (const expected of [
    'jm rename /shared/job-manager/scenario/completed-checkpoint.inprogress',
    'jm link /shared/checkpoints/scenario/chk-*/_metadata',
  ]) {
    t.true(titles.has(expected), [...titles].join('\n'));
  }
  t.true([...titles].some((title) => /^tm-\d rename \/shared\/output\//.test(title)));
});

test('a crash is where it is said to be, and nothing before it has changed', async (t) => {
  const options = grid();
  const opened = await openGrid(options);
  const rename = opened.operations.find(({ title, timeMs }) => {
    return title.includes('rename') && title.includes('completed-checkpoint') && timeMs > 200;
  });
  if (rename === undefined) return t.fail('no pointer was renamed');
  const { scenario, backend, seed } = options;
  const traceOf = async (faults: readonly Fault[]) => {
    const plan = { healAtMs: opened.healAtMs, faults };
    const run = await simulate({ scenario, backend, seed, plan, drain: macrotask, record: true });
    return (run.trace ?? []).filter(({ kind }) => kind !== 'note');
  };
  const undisturbed = await traceOf([]);
  const points = await tryOperation(options, opened, rename);
  t.deepEqual(
    points.map(({ moment }) => moment),
    ['before', 'after', 'again'],
  );
  for (const { moment, plan, result } of points) {
    t.is(result.verdict, 'valid', `${moment}: ${result.message}`);
    t.true(result.recoveries > 0, moment);
    t.true(
      result.strikes.every((strikes) => strikes === 1),
      moment,
    );
    const last = moment === 'before' ? rename.step - 1 : rename.step;
    const until = (trace: typeof undisturbed) => trace.filter(({ step }) => step <= last);
    const trace = await traceOf(plan.faults);
    t.deepEqual(until(trace), until(undisturbed), moment);
    const there = trace.find(({ step }) => step === rename.step);
    t.is(/^rename .*completed-checkpoint/.test(there?.text ?? ''), moment !== 'before');
  }
  return undefined;
});

test('what a crash breaks is told', async (t) => {
  // A model that no run meets stands for an engine that loses something.
  const options = grid(defineScenario({ ...short, model: () => [] }));
  const opened = await openGrid(options);
  const [first] = opened.operations;
  if (first === undefined) return t.fail('nothing to try');
  for (const { result } of await tryOperation(options, opened, first)) {
    t.is(result.verdict, 'invalid');
    t.is(result.property, 'equals-sequential-model');
  }
  return undefined;
});

test('patternOf() leaves out what differs from one operation to the next', (t) => {
  t.is(
    patternOf('/shared/c/chk-17/_metadata.inprogress.a7b76f25'),
    '/shared/c/chk-*/_metadata.inprogress',
  );
  t.is(patternOf('/shared/c/chk-3/9ec0378ae82e3b8d-1-1-0-keyed-5'), '/shared/c/chk-*/*-keyed-*');
  t.is(patternOf('/shared/job-manager/scenario'), '/shared/job-manager/scenario');
});
