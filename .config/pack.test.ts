// What a user gets: the tarball, installed into an empty project, compiles under both compilers and
// runs a scenario of the user's own. Slow (build, pack, install), and the only test that sees the
// published files instead of the sources. Needs the registry for the runtime dependencies.
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { type Outcome, ROOT, run } from './process.ts';

/** They are what onceproof/conformance is made of, and need no test runner. */
const CONFORMANCE = /^engine\/state\/state-[a-z]+\.contract\./;
const COMPILERS = ['typescript', 'typescript7'];

const CONSUMER = `
import * as root from 'onceproof';
import * as engine from 'onceproof/engine';
import * as simulator from 'onceproof/simulator';
import * as scenarios from 'onceproof/scenarios';
import * as conformance from 'onceproof/conformance';
import * as reports from 'onceproof/reports';

export const entries: readonly object[] = [
  root,
  engine,
  conformance,
  simulator,
  scenarios,
  reports,
];
// Fails to compile if the declarations were not found, because everything would be \`any\` then.
// @ts-expect-error
export const missing: unknown = engine.thisIsNotExported;
`;

/** The scenario a user would write first: their records, their job, and what must come out. */
const SCENARIO = `
import { valueState } from 'onceproof';
import { defineScenario } from 'onceproof/scenarios';

interface Order {
  readonly id: string;
  readonly customer: string;
  readonly cents: number;
}

interface Total {
  readonly order: string;
  readonly customer: string;
  readonly cents: number;
}

export const totals = defineScenario<Order, Total>({
  id: 'shop/totals',
  claim: 'Every order is added to the total of its customer exactly once.',
  workload: {
    records: 40,
    recordsPerSecond: 40,
    generate: (index, random) => ({
      id: 'order-' + index,
      customer: 'customer-' + random.below(3),
      cents: 100,
    }),
  },
  job: ({ source, sink }) => {
    source()
      .keyBy(({ customer }) => customer)
      .process({
        state: { cents: valueState<number>('cents') },
        processElement(order, context, out) {
          const cents = (context.state.cents.value() ?? 0) + order.cents;
          context.state.cents.update(cents);
          out.collect({ order: order.id, customer: order.customer, cents });
        },
      })
      .uid('totals')
      .sinkTo(sink())
      .uid('sink');
  },
  model: (orders) => {
    const totals = new Map<string, number>();
    return orders.map(({ id, customer, cents }) => {
      const total = (totals.get(customer) ?? 0) + cents;
      totals.set(customer, total);
      return { order: id, customer, cents: total };
    });
  },
  project: ({ customer, cents }) => ({ customer, cents }),
  accountsFor: ({ order }) => [order],
  idOf: ({ id }) => id,
  faults: ['crash', 'partition'],
});
`;

const CONSUMER_CONFIG = {
  compilerOptions: {
    target: 'es2023',
    lib: ['ES2023'],
    types: [],
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    // The published declarations must compile too, without Node's types and without those of the
    // packages behind them: a user who has neither would find everything to be `any`.
    skipLibCheck: false,
  },
  files: ['consumer.ts', 'my.scenario.ts'],
};

let project = '';
let installed = '';

function quiet(program: string, ...args: string[]): Promise<Outcome> {
  return run({ program, args, directory: project, isQuiet: true });
}

test.before('builds, packs and installs', async (t) => {
  t.timeout(300_000);
  const packed = await run({
    program: process.execPath,
    args: ['.config/build.ts', '--pack'],
    isQuiet: true,
  });
  t.is(packed.exitCode, 0, packed.output);
  const stage = join(ROOT, '.dist');
  const tarball = readdirSync(stage).find((name) => name.endsWith('.tgz'));
  t.truthy(tarball);
  project = mkdtempSync(join(tmpdir(), 'onceproof-user-'));
  installed = join(project, 'node_modules/onceproof');
  const manifest = { name: 'user', private: true, type: 'module' };
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(CONSUMER_CONFIG));
  writeFileSync(join(project, 'consumer.ts'), CONSUMER);
  writeFileSync(join(project, 'my.scenario.ts'), SCENARIO);
  const install = await quiet('npm', 'install', '--ignore-scripts', join(stage, String(tarball)));
  t.is(install.exitCode, 0, install.output);
});

test.after.always('removes the project', async () => {
  if (project !== '') await rm(project, { recursive: true, force: true });
});

test('the package holds no tests, no sources, no benchmarks and no Node of its own', (t) => {
  const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
  const strangers = files.filter(
    (path) =>
      /\.(test|contract|bench)\./.test(path.replace(CONFORMANCE, '')) ||
      /(^|\/)(bench|node_modules|\.config)(\/|$)/.test(path) ||
      (path.endsWith('.ts') && !path.endsWith('.d.ts')),
  );
  t.deepEqual(strangers, []);
  for (const name of ['LICENSE', 'README.md', 'scenarios/cli/onceproof.js']) {
    t.true(files.includes(name), name);
  }
  t.deepEqual(
    readdirSync(join(project, 'node_modules')).filter((name) => name.startsWith('node-')),
    [],
  );
});

test('the published manifest is public and names only what runs', (t) => {
  const text = readFileSync(join(installed, 'package.json'), 'utf8');
  const manifest = JSON.parse(text) as { readonly [key: string]: unknown };
  for (const key of ['private', 'devDependencies', 'optionalDependencies', 'scripts', 'ava']) {
    t.false(key in manifest, key);
  }
  t.deepEqual(Object.keys(manifest['dependencies'] as object).sort(), [
    '@noble/ciphers',
    '@noble/hashes',
    'commander',
    'fast-xml-parser',
    'memfs',
    'seedrandom',
  ]);
});

for (const compiler of COMPILERS) {
  test(`a user's program compiles under ${compiler}, declarations included`, async (t) => {
    t.timeout(120_000);
    const tsc = join(ROOT, 'node_modules', compiler, 'bin/tsc');
    const { exitCode, output } = await quiet(process.execPath, tsc, '--project', 'tsconfig.json');
    t.is(exitCode, 0, output.split('\n').slice(0, 20).join('\n'));
  });
}

test('the command lists the scenarios that come with it', async (t) => {
  const { exitCode, output } = await quiet('npx', '--no-install', 'onceproof', 'list');
  t.is(exitCode, 0, output);
});

test("the command runs a user's own scenario file", async (t) => {
  t.timeout(120_000);
  const args = ['--no-install', 'onceproof', 'run', './my.scenario.ts', '-n', '3'];
  const { exitCode, output } = await quiet('npx', ...args);
  t.is(exitCode, 0, output);
  t.regex(output, /NO VIOLATION FOUND/);
  t.regex(output, /runs +6 in 2 cases/);
});
