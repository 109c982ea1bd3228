// Each house rule objects to a bad example and accepts a good one. The bad examples are strings, so
// that the rules, which read this file too, do not see them.
import test from 'ava';
import { ambient } from './ambient.ts';
import { arrows } from './arrows.ts';
import { checkFiles } from './check.ts';
import { cycles } from './cycles.ts';
import { applyExceptions } from './exceptions.ts';
import type { FileRule } from './finding.ts';
import { packages } from './packages.ts';
import { plainObjects } from './plain-objects.ts';
import { shape } from './shape.ts';
import { sizes } from './sizes.ts';
import { sourceFile } from './source-file.ts';
import { syntax } from './syntax.ts';
import { checkTopLevel } from './top-level.ts';

interface Example {
  readonly rule: FileRule;
  readonly path: string;
  readonly text: string;
}

function problemsOf({ rule, path, text }: Example): string[] {
  return rule.check(sourceFile(path, text)).map(({ problem }) => problem);
}

/** One line that a rule must object to, and why it may not slip through. */
type BadLine = readonly [text: string, problem: string];

function rejects(rule: FileRule, path: string, lines: readonly BadLine[]): void {
  for (const [text, problem] of lines) {
    test(`${rule.name} objects in ${path} to ${text.slice(0, 60).replaceAll('\n', ' ')}`, (t) => {
      const problems = problemsOf({ rule, path, text });
      t.true(
        problems.some((found) => found.includes(problem)),
        `${problem} is missing in: ${problems.join('; ')}`,
      );
    });
  }
}

function accepts(rule: FileRule, path: string, lines: readonly string[]): void {
  for (const text of lines) {
    test(`${rule.name} accepts in ${path} ${text.slice(0, 60).replaceAll('\n', ' ')}`, (t) => {
      t.deepEqual(problemsOf({ rule, path, text }), []);
    });
  }
}

const ENGINE = 'engine/runtime/x.ts';
const SIMULATOR = 'simulator/x.ts';

rejects(arrows, ENGINE, [
  ["import { a } from '../../simulator/a.ts';", 'simulator/a.ts'],
  ["export { a } from '../../reports/a.ts';", 'reports/a.ts'],
  ["import type { A } from '../../scenarios/a.ts';", 'scenarios/a.ts'],
  ["type A = import('../../scenarios/a.ts').A;", 'scenarios/a.ts'],
  ["const a = await import('../../simulator/a.ts');", 'simulator/a.ts'],
  ["import { a } from 'onceproof/simulator';", 'onceproof/simulator'],
  ["import { a } from './a.test.ts';", './a.test.ts'],
  ["import { a } from '../environment/node/a.ts';", 'environment/node'],
  ["import { a } from '../bench/a.ts';", 'bench/a.ts'],
  ["import { a } from './a';", './a'],
]);
rejects(arrows, SIMULATOR, [
  ["import { a } from '../engine/runtime/a.ts';", 'engine/runtime'],
  ["import { a } from '../scenarios/a.ts';", 'scenarios/a.ts'],
]);
rejects(arrows, 'reports/x.ts', [["import { a } from '../engine/core/a.ts';", 'engine/core']]);
accepts(arrows, SIMULATOR, [
  "import { a } from '../engine/core/a.ts';",
  "import { a } from '../engine/environment/clock.ts';",
  "import { a } from './kernel/a.ts';",
]);
accepts(arrows, 'scenarios/x.ts', [
  "import { a } from '../engine/runtime/a.ts';",
  "import { a } from '../reports/a.ts';",
]);
accepts(arrows, 'simulator/x.test.ts', [
  "import { a } from '../engine/environment/filesystem.contract.ts';",
]);

rejects(packages, ENGINE, [
  ["import { readFileSync } from 'node:fs';", 'node:fs'],
  ["import { readFileSync } from 'fs';", '"fs"'],
  ["import { Kafka } from 'kafkajs';", 'kafkajs'],
]);
rejects(packages, 'scenarios/cli/x.ts', [["import fc from 'fast-check';", 'fast-check']]);
accepts(packages, SIMULATOR, ["import seedrandom from 'seedrandom';", "import 'memfs';"]);
rejects(packages, 'engine/stream/byte-writer.ts', [["import 'node:fs';", 'node:fs']]);
accepts(packages, 'engine/environment/node/x.ts', ["import { readFileSync } from 'node:fs';"]);
accepts(packages, 'engine/runtime/x.test.ts', ["import test from 'ava'; import 'node:fs';"]);

rejects(ambient, SIMULATOR, [
  ['const a = Date.now();', 'Date.now'],
  ['const a = new Date();', 'new Date'],
  ['const a = Date();', 'Date()'],
  ['const a = performance.now();', 'performance'],
  ['const a = Math.random();', 'Math.random'],
  ['const a = crypto.randomUUID();', 'crypto'],
  ['setTimeout(f, 1);', 'setTimeout'],
  ['const t = { setTimeout };', 'setTimeout'],
  ['setInterval(f, 1);', 'setInterval'],
  ['setImmediate(f);', 'setImmediate'],
  ['queueMicrotask(f);', 'queueMicrotask'],
  ['globalThis.setTimeout(f, 1);', 'globalThis.setTimeout'],
  ["globalThis['Date'];", 'globalThis.Date'],
  ['a.localeCompare(b);', 'localeCompare'],
  ['a.toLocaleString();', 'toLocaleString'],
  ['new Intl.Collator();', 'Intl'],
  ['new WeakRef(a);', 'WeakRef'],
  ['new FinalizationRegistry(f);', 'FinalizationRegistry'],
  ['await Promise.race([a, b]);', 'Promise.race'],
  ['await Promise.any([a, b]);', 'Promise.any'],
  ["console.log('x');", 'console'],
  ['const a = Math.sin(b);', 'Math.sin'],
  ['const a = Math.pow(b, 2);', 'Math.pow'],
  ['const a = b ** 2;', '**'],
]);
accepts(ambient, SIMULATOR, [
  "const a = 'Date.now() and setTimeout()'; // Math.random() in a comment",
  'function f(crypto: Crypto) { return crypto.next(); }',
  'this.crypto.setTimeout(1);',
  'interface A { setTimeout(): void; performance: number }',
  'const a = Math.imul(1, 2) + Math.floor(3) + Math.sqrt(4) + 2 ** 32;',
  'await Promise.all([a]);',
]);
accepts(ambient, ENGINE, ['const a = Math.pow(b, 2);']);
for (const path of ['scenarios/cli/x.ts', 'engine/environment/node/x.ts', 'engine/x.test.ts']) {
  accepts(ambient, path, ['setTimeout(() => console.log(Date.now()), 1);']);
}

rejects(plainObjects, ENGINE, [
  ['const a: Record<string, number> = {}; a[id] = 1;', '"a"'],
  ['class A { counts = {}; add(id) { this.counts[id] += 1; } }', '"counts"'],
]);
accepts(plainObjects, ENGINE, [
  'const a = new Map(); a.set(id, 1);',
  "const a: Options = {}; a['parallelism'] = 1;",
  'const a: number[] = []; a[index] = 1;',
]);

/** In two pieces, so that a search for the marker does not find this file. */
const MARKER = ['FIX', 'ME'].join('');

rejects(syntax, ENGINE, [
  ['enum A { B }', 'enum'],
  ['namespace A { export const b = 1; }', 'namespace'],
  ['class A { constructor(readonly b: number) {} }', 'parameter property'],
  ['export default 1;', 'default export'],
  ['export default function f() {}', 'default export'],
  ['let a: any;', 'any'],
  ['const a = b as any;', 'any'],
  ['const a = b!;', 'non-null'],
  ["test.only('x', f);", '.only('],
  ['debugger;', 'debugger'],
  [`const a = 1; // ${MARKER}: wrong for 2`, 'marks broken code'],
]);
accepts(syntax, ENGINE, [
  "type A = 'any' | 'enum'; // any enum in a namespace, debugger",
  `const a = '${MARKER}';`,
  "switch (a) { default: throw new Error('any'); }",
  "declare module 'untyped' { export function f(): void; }",
  'const a = only(b);',
]);

const lines = (count: number): string => 'f();\n'.repeat(count);
const longFunction = `function f() {\n${lines(69)}}`;

rejects(sizes, ENGINE, [
  [lines(401), 'file of 401 lines'],
  [longFunction, 'function of 71 lines'],
  [`const a = '${'x'.repeat(100)}';`, 'columns'],
  ['function f(a, b, c, d, e) {}', '5 parameters'],
  ['class A { constructor(a, b, c, d, e) {} }', '5 parameters'],
  [
    'function f() { for (;;) { if (a) { while (b) { try { c(); } finally {} } } } }',
    'nesting of 4',
  ],
]);
rejects(sizes, 'engine/x.test.ts', [
  [lines(601), 'file of 601 lines'],
  [longFunction, 'function of 71 lines'],
]);
accepts(sizes, ENGINE, [
  lines(400),
  `function f() {\n${lines(68)}}`,
  `// https://example.org/${'x'.repeat(100)}`,
  'function f(a, b, c, d) { for (;;) { if (a) { while (b) { (() => { if (c) d(); })(); } } } }',
  'function f() { if (a) b(); else if (c) d(); else if (e) f(); else if (g) h(); }',
]);
accepts(sizes, 'engine/x.test.ts', [`test('x', (t) => {\n${lines(200)}});`]);
accepts(sizes, 'engine/x.contract.ts', [`function diskContract() {\n${lines(200)}}`]);

const EXPORTS = 'a b c d e f'.split(' ').map((name) => `export const ${name} = 1;`);

rejects(shape, 'engine/runtime/TaskManager.ts', [['// Header.', 'kebab-case']]);
rejects(shape, ENGINE, [
  ['const a = 1;', 'no opening comment'],
  ['/* Header. */ class A extends Base {}', 'extends Base'],
  [`// Header.\n${EXPORTS.join('\n')}`, '6 exports'],
  ["// Header.\nexport { a, b, c, d, e, f } from './a.ts';", '6 exports'],
]);
accepts(shape, ENGINE, [
  '// Header.\nclass A extends Error {}',
  '#!/usr/bin/env node\n// Header.',
  `// Header.\n${EXPORTS.slice(0, 5).join('\n')}\nexport interface G {}\nexport type H = 1;`,
  "// Header.\nexport type { A, B, C, D, E, F } from './a.ts';",
  '// Header.\ninterface A extends B {}',
]);
accepts(shape, 'engine/index.ts', ["// Header.\nexport { a, b, c, d, e, f } from './a.ts';"]);

test('import-cycles objects to files that import each other through a third', (t) => {
  const findings = cycles.check([
    sourceFile('engine/a.ts', "import './b.ts';"),
    sourceFile('engine/b.ts', "import type { C } from './c.ts';"),
    sourceFile('engine/c.ts', "export { a } from './a.ts';"),
  ]);
  t.is(findings.length, 1);
  t.regex(
    findings[0]?.problem ?? '',
    /engine\/a\.ts -> engine\/b\.ts -> engine\/c\.ts -> engine\/a/,
  );
});

test('import-cycles objects to a file that imports itself', (t) => {
  t.is(cycles.check([sourceFile('engine/a.ts', "import './a.ts';")]).length, 1);
});

test('import-cycles accepts a diamond', (t) => {
  const files = [
    sourceFile('engine/a.ts', "import './b.ts'; import './c.ts';"),
    sourceFile('engine/b.ts', "import './d.ts';"),
    sourceFile('engine/c.ts', "import './d.ts';"),
    sourceFile('engine/d.ts', ''),
  ];
  t.deepEqual(cycles.check(files), []);
});

test('top-level objects to a new folder and accepts the fixed ones and dot-folders', (t) => {
  const findings = checkTopLevel(['engine', '.config', 'README.md', 'src', 'node_modules']);
  t.deepEqual(
    findings.map(({ path }) => path),
    ['src'],
  );
});

test('a finding names the rule, the place, the problem and the remedy', (t) => {
  const [finding] = checkFiles([sourceFile(ENGINE, '// Header.\n\nsetTimeout(f, 1);\n')]);
  t.deepEqual(finding, {
    rule: 'ambient-ban',
    path: ENGINE,
    line: 3,
    problem: 'setTimeout',
    remedy: "use clock.schedule: order is the simulator's to choose",
  });
});

test('an exception excuses exactly its problem, and one that excuses nothing is reported', (t) => {
  const findings = checkFiles([sourceFile(ENGINE, '// Header.\nconsole.log(Date.now());\n')]);
  const exception = { rule: 'ambient-ban', path: ENGINE, reason: 'the test wants it so' };
  const remaining = applyExceptions(findings, [
    { ...exception, problem: 'console' },
    { ...exception, problem: 'Math.random' },
  ]);
  t.deepEqual(
    remaining.map(({ rule, problem }) => `${rule}: ${problem}`),
    [
      'ambient-ban: Date.now',
      'exceptions: is excused from ambient-ban ("Math.random") without need',
    ],
  );
});
