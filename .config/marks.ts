// `node .config/marks.ts [--write]`: collects every `sometimes` mark and every `buggify` site of
// the engine into scenarios/declared-marks.ts, so that reports can name what was never reached. A
// test fails while that file is out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './process.ts';
import { sourcePaths } from './source-paths.ts';

export const MARKS_FILE = 'scenarios/declared-marks.ts';

interface Declared {
  readonly marks: readonly string[];
  readonly sites: readonly string[];
}

/**
 * The literal names given to `sometimes(condition, 'name')` and to `buggify('name')`, ascending,
 * each once.
 */
export function declaredIn(text: string): Declared {
  const marks: string[] = [];
  const sites: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const [first, second] = node.arguments;
      const called = node.expression.getText();
      if (called === 'sometimes' && second !== undefined) addLiteral(marks, second);
      if (called === 'buggify' && first !== undefined) addLiteral(sites, first);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('x.ts', text, ts.ScriptTarget.Latest, true));
  return { marks: ascending(marks), sites: ascending(sites) };
}

export function declaredMarks(): string {
  const found = sourcePaths()
    .filter((path) => path.startsWith('engine/') && !/\.(test|contract|bench)\.ts$/.test(path))
    .map((path) => declaredIn(readFileSync(join(ROOT, path), 'utf8')));
  const sites = ascending(found.flatMap((one) => one.sites));
  const marks = ascending([
    ...found.flatMap((one) => one.marks),
    ...sites.map((site) => `buggify: ${site}`),
  ]);
  return `// The \`sometimes\` marks of the engine, ascending, also of rare choices taken, and
// the sites of those. Made by \`npm run marks\`.

export const DECLARED_MARKS: readonly string[] = [
${rows(marks)}];

export const DECLARED_SITES: readonly string[] = [
${rows(sites)}];
`;
}

function addLiteral(names: string[], node: ts.Node): void {
  if (ts.isStringLiteral(node)) names.push(node.text);
}

function ascending(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}

function rows(names: readonly string[]): string {
  return names.map((name) => `  ${quoted(name)},\n`).join('');
}

function quoted(name: string): string {
  return name.includes("'") ? JSON.stringify(name) : `'${name}'`;
}

if (process.argv.includes('--write')) writeFileSync(join(ROOT, MARKS_FILE), declaredMarks());
