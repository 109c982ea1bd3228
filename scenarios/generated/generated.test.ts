// Generated jobs against their interpreter, from plans that a test can shrink; and the interpreter
// and the generator by themselves.

import test from 'ava';
import fc from 'fast-check';
import { macrotask, SeededRandom } from '../../simulator/index.ts';
import { defineScenario } from '../scenario.ts';
import { simulate } from '../simulate.ts';
import { generatedScenarios } from '../suites/generated.ts';
import { buildJob } from './build-job.ts';
import { drawGenes, drawRecord } from './draw-genes.ts';
import { type GeneratedOutput, interpret } from './interpret.ts';
import { GENE_KINDS, type NodeKind } from './node-kinds.ts';
import { describePlan, type Gene, type JobPlan, planOf } from './plan.ts';
import type { GeneratedRecord } from './rules.ts';
import { settledOutputs } from './windowed.ts';

const CHOICES = 12;

const gene = fc.record<Gene>({
  kind: fc.constantFrom(...GENE_KINDS),
  first: fc.nat({ max: 3 }),
  second: fc.nat({ max: 3 }),
  parallelism: fc.nat({ max: CHOICES }),
  chaining: fc.nat({ max: CHOICES }),
  variant: fc.nat({ max: CHOICES }),
});
const genes = fc.array(gene, { maxLength: 6 });

/** What is wrong with the output of a job without failures, if anything is. */
async function complaintAbout(plan: JobPlan, built = plan): Promise<string | undefined> {
  const scenario = defineScenario<GeneratedRecord, GeneratedOutput>({
    id: 'test/generated',
    claim: describePlan(plan),
    workload: {
      records: 24,
      recordsPerSecond: 200,
      generate: drawRecord,
      timestampOf: ({ at }) => at,
    },
    job: (tools) => buildJob(built, tools),
    model: (records) => interpret(plan, records),
    settle: settledOutputs,
    faults: [],
    safetyMs: 100,
  });
  const seed = '0000000000000001';
  const run = await simulate({ scenario, backend: 'memory', seed, drain: macrotask });
  return run.verdict === 'valid' ? undefined : `${run.property}: ${run.message}`;
}

test('whatever a job is made of, it puts out what the interpreter says', async (t) => {
  await fc.assert(
    fc.asyncProperty(genes, async (list) => {
      const plan = planOf(list);
      t.is(await complaintAbout(plan), undefined, describePlan(plan));
    }),
    { numRuns: 12 },
  );
  t.pass();
});

/** Each join takes the records of its first input twice, and those of its second never. */
function withBug(plan: JobPlan): JobPlan {
  const nodes = plan.nodes.map((node) =>
    node.kind === 'join' ? { ...node, inputs: node.inputs.map(() => node.inputs[0] ?? 0) } : node,
  );
  return { ...plan, nodes };
}

test('a job that is built wrongly is found out, and shrinks to what is wrong', async (t) => {
  const details = await fc.check(
    fc.asyncProperty(genes, async (list) => {
      const plan = planOf(list);
      return (await complaintAbout(plan, withBug(plan))) === undefined;
    }),
    { numRuns: 60, seed: 4 },
  );
  t.true(details.failed);
  const smallest = planOf(details.counterexample?.[0] ?? []);
  const kinds = smallest.nodes.map(({ kind }) => kind);
  t.true(kinds.includes('join'), describePlan(smallest));
  // A source, something that tells the inputs of the join apart, and the join.
  t.is(kinds.length, 3, describePlan(smallest));
});

test('every list of genes makes a plan whose nodes come after their inputs', (t) => {
  fc.assert(
    fc.property(genes, (list) => {
      const { nodes, sinks } = planOf(list);
      const used = new Set(nodes.flatMap(({ inputs }) => inputs));
      for (const [index, { inputs }] of nodes.entries()) {
        for (const input of inputs) t.true(input < index);
        t.not(used.has(index), sinks.includes(index));
      }
    }),
  );
});

test('the same seed draws the same job, and some hundred seeds draw every kind of node', (t) => {
  const seen = new Set<NodeKind>();
  for (let seed = 0; seed < 200; seed++) {
    const draw = () => drawGenes(new SeededRandom(seed.toString(16).padStart(16, '0')).fork('job'));
    t.deepEqual(draw(), draw());
    for (const { kind } of planOf(draw()).nodes) seen.add(kind);
  }
  const missing = [...GENE_KINDS, 'retime'].filter((kind) => !seen.has(kind as NodeKind));
  t.deepEqual(missing, []);
});

test('two seeds of the scenario run two different jobs, each the same again', async (t) => {
  const [scenario] = generatedScenarios;
  if (scenario === undefined) return t.fail();
  const jobs = new Set<string>();
  for (const seed of ['0000000000000001', '0000000000000002']) {
    const options = { scenario, backend: 'memory', seed, drain: macrotask };
    const first = await simulate({ ...options, record: true });
    const second = await simulate(options);
    t.is(first.verdict, 'valid', `${first.property}: ${first.message}`);
    t.is(second.digest, first.digest);
    const notes = (first.trace ?? []).filter(({ text }) => text?.startsWith('job: ') === true);
    t.is(notes.length, 1);
    jobs.add(notes[0]?.text ?? '');
  }
  t.is(jobs.size, 2);
});

test('the interpreter: windows hold what is less than a gap apart, late or not', (t) => {
  const nodes: JobPlan['nodes'] = planOf([
    { kind: 'session', first: 0, second: 0, parallelism: 0, chaining: 0, variant: 0 },
  ]).nodes;
  const at = [10_000, 10_299, 10_598, 10_898, 12_000];
  const records = at.map((time, index) => ({ id: `${index}`, key: 1, n: 10 ** index, at: time }));
  const outputs = interpret({ nodes, sinks: [1] }, records);
  // Sums with 7 for each item: the fourth comes exactly one gap after the third.
  t.deepEqual(
    outputs.map(({ n }) => n).sort((a, b) => a - b),
    [27 + 7, 111 + 21, 1_007].sort((a, b) => a - b),
  );
});
