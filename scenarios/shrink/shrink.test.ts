// The minimizer on invented engines, whose bugs are known: it finds what matters, never keeps a
// case that it has not seen fail, stays within its budget, and does the same every time.

import test from 'ava';
import type { Draw, Fault } from '../../simulator/index.ts';
import { defineScenario } from '../scenario.ts';
import { countByPage } from '../workloads/count-by-page.ts';
import type { FailingCase } from './failing-case.ts';
import type { Attempt } from './search.ts';
import { shrink, type ShrinkOptions, type ShrinkResult } from './shrink.ts';

const scenario = defineScenario({
  id: 'test/invented',
  claim: 'It is shrunk.',
  ...countByPage({ records: 60 }),
  cluster: { taskManagers: 3, slots: 2, parallelism: 3 },
  faults: ['crash', 'loss'],
});

const crash = (atMs: number): Fault =>
  ({ kind: 'crash', host: 'tm-3', atMs, downMs: 500 }) as Fault;
const loss = (fromMs: number): Fault => ({ kind: 'loss', fromMs, toMs: fromMs + 900, oneIn: 20 });
const marks = [
  { mark: 'job-running', nth: 1, timeMs: 90 },
  { mark: 'checkpoint-completed', nth: 1, timeMs: 400 },
  { mark: 'checkpoint-completed', nth: 2, timeMs: 800 },
];

const start: FailingCase = {
  scenario: scenario.id,
  backend: 'memory',
  seed: '00000000000000a7',
  plan: {
    healAtMs: 2_500,
    faults: Array.from({ length: 46 }, (_, index) =>
      index === 12 ? crash(830) : loss(index * 40),
    ),
  },
  input: Array.from({ length: 60 }, (_, index) => ({ id: `v${index}` })),
  cluster: scenario.cluster,
  rescales: false,
  livenessMs: 120_000,
  horizonMs: undefined,
  chance: { quiet: [], draws: new Map() },
};

const drawn: readonly Draw[] = Array.from({ length: 30 }, (_, index) => ({
  stream: index % 2 === 0 ? 'network/link/jm/tm-1' : 'disk/latency',
  index,
  value: 1 + (index % 4),
}));

/** Fails with a crash, some loss, ten records, two tasks, and one late message. */
function isBroken({ plan, input, cluster, chance, horizonMs = 1e9 }: FailingCase): boolean {
  const late = chance.draws.get('network/link/jm/tm-1')?.get(8) !== undefined;
  return (
    plan.faults.some(({ kind }) => kind === 'crash' || kind === 'kill') &&
    plan.faults.some(({ kind }) => kind === 'loss') &&
    plan.healAtMs >= 300 &&
    horizonMs >= 1_000 &&
    (input?.length ?? 0) >= 10 &&
    cluster.parallelism >= 2 &&
    (chance.quiet.length === 0 || late)
  );
}

interface Shrinking {
  readonly result: ShrinkResult;
  readonly asked: readonly FailingCase[];
}

async function shrinkIt(changes: Partial<ShrinkOptions> = {}): Promise<Shrinking> {
  const asked: FailingCase[] = [];
  const result = await shrink({
    scenario,
    start,
    attempt: async (one): Promise<Attempt> => {
      asked.push(one);
      const strikes = one.plan.faults.map(() => 1);
      return { fails: isBroken(one), steps: 100 + (one.input?.length ?? 0), strikes, marks };
    },
    drawsOf: async () => drawn,
    triesMax: 5_000,
    isOver: () => false,
    ...changes,
  });
  return { result, asked };
}

test('what matters is left, as small as it gets, and tied to an event', async (t) => {
  const { result } = await shrinkIt();
  if (result.kind !== 'shrunk') return t.fail(result.kind);
  const { case: one } = result.smallest;
  t.true(result.isMinimal);
  t.is(one.plan.faults.length, 2);
  t.like(one.plan.faults[0] ?? one.plan.faults[1], { after: { nth: 1 } });
  t.true(one.plan.faults.every(({ after }) => after !== undefined));
  const stop = one.plan.faults.find(({ kind }) => kind === 'kill');
  t.like(stop, { atMs: 0, downMs: 0 });
  t.like(
    one.plan.faults.find(({ kind }) => kind === 'loss'),
    { oneIn: 1 },
  );
  t.is(one.input?.length, 10);
  t.deepEqual(one.cluster, { taskManagers: 1, slots: 2, parallelism: 2 });
  t.is(stop !== undefined && 'host' in stop ? stop.host : '', 'tm-1' as never);
  t.deepEqual([...one.chance.draws], [['network/link/jm/tm-1', new Map([[8, 1]])]]);
  t.is(one.seed, '0000000000000000');
  t.true(one.plan.healAtMs <= 1_024 && one.plan.healAtMs >= 300);
});

test('the result is always a case that was seen to fail, whenever the search ends', async (t) => {
  for (const triesMax of [0, 1, 2, 3, 5, 8, 13, 40]) {
    const { result, asked } = await shrinkIt({ triesMax });
    if (result.kind !== 'shrunk') return t.fail(result.kind);
    t.true(isBroken(result.smallest.case));
    t.true(asked.includes(result.smallest.case));
    t.true(asked.length <= triesMax + 1);
    t.false(result.isMinimal);
  }
});

test('the same case shrinks in the same way twice', async (t) => {
  const [first, second] = [await shrinkIt(), await shrinkIt()];
  t.deepEqual(second.asked, first.asked);
  t.deepEqual(second.result, first.result);
});

test('nothing is asked twice', async (t) => {
  const { asked } = await shrinkIt();
  const texts = asked.map((one) => JSON.stringify([one, [...one.chance.draws].map(String)]));
  const draws = asked.map(({ chance }) => [...chance.draws].map(([, values]) => [...values]));
  t.is(new Set(texts.map((text, at) => text + JSON.stringify(draws[at]))).size, asked.length);
});

test('an interruption ends the search with the smallest so far', async (t) => {
  let runs = 0;
  const { result } = await shrinkIt({ isOver: () => (runs += 1) > 20 });
  if (result.kind !== 'shrunk') return t.fail(result.kind);
  t.true(isBroken(result.smallest.case));
  t.true(result.smallest.case.plan.faults.length < 46);
  t.false(result.isMinimal);
});

test('numbers of a fault of any kind become small, and keep their sign', async (t) => {
  const step = { kind: 'clock-step', host: 'tm-1', atMs: 830, byMs: -86_400_000 } as Fault;
  const { result } = await shrinkIt({
    start: { ...start, plan: { healAtMs: 2_500, faults: [loss(4), step] } },
    attempt: async ({ plan }) => {
      const fails = plan.faults.some(({ kind }) => kind === 'clock-step');
      return { fails, steps: 1, strikes: plan.faults.map(() => 1), marks };
    },
  });
  if (result.kind !== 'shrunk') return t.fail(result.kind);
  const { faults } = result.smallest.case.plan;
  t.is(faults.length, 1);
  t.like(faults[0], { kind: 'clock-step', atMs: 0, byMs: -1, after: { nth: 1 } });
});

test('what does not fail is not shrunk', async (t) => {
  const { result, asked } = await shrinkIt({
    start: { ...start, plan: { healAtMs: 1, faults: [] } },
  });
  t.is(result.kind, 'not-failing');
  t.is(asked.length, 1);
});

test('each pass says what it changed', async (t) => {
  const passes: string[] = [];
  await shrinkIt({ onPass: ({ pass, tries }) => passes.push(`${pass} ${tries > 0}`) });
  t.deepEqual(passes.slice(0, 3), [
    'stop earlier true',
    'drop faults true',
    'smaller cluster true',
  ]);
});
