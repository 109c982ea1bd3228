// `npm run determinism`: the same runs over and over, in other orders of workers and on another
// major version of Node, must do the same, step by step. Says which run differed, and where to
// look. The other Node is installed for this purpose alone, in a directory that goes again.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseEventLog } from '../reports/index.ts';
import { ROOT, run } from './process.ts';

/** Besides the one that runs this: what users may have. */
const OTHER_MAJOR = '26';

const { values } = parseArgs({
  options: {
    /** Of all scenarios together, each on every backend. */
    seeds: { type: 'string', default: '1000' },
    backends: { type: 'string', default: 'memory,fs' },
    root: { type: 'string', default: '2026' },
    'same-node': { type: 'boolean', default: false },
  },
});

interface Pass {
  readonly title: string;
  readonly node: string;
  readonly workers: number;
}

const directory = mkdtempSync(join(tmpdir(), 'onceproof-determinism-'));
try {
  process.exitCode = await compare();
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function compare(): Promise<number> {
  const seeds = Math.ceil(Number(values.seeds) / (await countScenarios()));
  const passes = await planPasses();
  let first: ReadonlyMap<string, string> | undefined;
  let different = 0;
  for (const [index, pass] of passes.entries()) {
    const digests = await digestsOf(pass, join(directory, String(index)), seeds);
    if (digests === undefined) return 1;
    const differing = first === undefined ? [] : differences(first, digests);
    first ??= digests;
    console.log(`${pass.title}: ${digests.size} runs, ${differing.length} differ from the first`);
    for (const line of differing.slice(0, 5)) console.log(`  ${line}`);
    different += differing.length;
  }
  console.log(`${first?.size ?? 0} runs, ${passes.length} times each, ${different} differed`);
  return different === 0 && (first?.size ?? 0) > 0 ? 0 : 3;
}

async function countScenarios(): Promise<number> {
  const listed = await onceproof(process.execPath, ['list', 'scenarios', '--json']);
  const count = listed.stdout.split('\n').filter((line) => line.startsWith('{')).length;
  if (count === 0) throw new Error(`No scenarios were listed:\n${listed.output}`);
  return count;
}

async function planPasses(): Promise<readonly Pass[]> {
  const node = process.execPath;
  const title = `Node ${process.versions.node}`;
  const here = [
    { title: `${title}, 1 worker`, node, workers: 1 },
    { title: `${title}, 2 workers`, node, workers: 2 },
  ];
  if (values['same-node']) return here;
  const other = await installOther();
  const { stdout } = await run({ program: other, args: ['--version'], isQuiet: true });
  return [...here, { title: `Node ${stdout.trim().slice(1)}, 2 workers`, node: other, workers: 2 }];
}

async function installOther(): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`;
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--prefix', directory];
  const { exitCode, output } = await run({
    program: 'npm',
    args: [...args, `${name}@${OTHER_MAJOR}`],
    isQuiet: true,
  });
  if (exitCode !== 0) throw new Error(`Cannot install Node ${OTHER_MAJOR}:\n${output}`);
  return join(directory, 'node_modules', name, 'bin/node');
}

/** By run. Undefined where the runs themselves broke down; what went wrong was printed. */
async function digestsOf(
  pass: Pass,
  out: string,
  seeds: number,
): Promise<ReadonlyMap<string, string> | undefined> {
  const { exitCode, output } = await onceproof(pass.node, [
    'run',
    '-n',
    String(seeds),
    '-b',
    values.backends,
    '--seed',
    values.root,
    '-j',
    String(pass.workers),
    '-o',
    out,
    '--verify-determinism',
    '0',
    '--reporter',
    'none',
    '--shrink',
    'off',
    '--no-corpus',
  ]);
  // A violation is for others to report: it has to be the same one every time.
  if (exitCode !== 0 && exitCode !== 1) {
    console.log(`${pass.title}: exit ${exitCode}\n${output}`);
    return undefined;
  }
  const { events } = parseEventLog(readFileSync(join(out, 'events.ndjson'), 'utf8'));
  return new Map(
    events.flatMap((event) => (event.type === 'run.end' ? [[event.run, event.digest]] : [])),
  );
}

function differences(
  left: ReadonlyMap<string, string>,
  right: ReadonlyMap<string, string>,
): readonly string[] {
  const runs = new Set([...left.keys(), ...right.keys()]);
  return [...runs].flatMap((name) => {
    const [one, other] = [left.get(name), right.get(name)];
    if (one === other) return [];
    return [`${name}: ${one ?? 'was not run'}, then ${other ?? 'was not run'}`];
  });
}

function onceproof(node: string, words: readonly string[]) {
  return run({
    program: node,
    args: [join(ROOT, 'scenarios/cli/main.ts'), ...words],
    isQuiet: true,
  });
}
