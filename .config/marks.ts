// `node .config/marks.ts [--write]`: collects every `sometimes` mark of the engine into
// scenarios/declared-marks.ts, so that reports can name what was never reached. A test fails while
// that file is out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './process.ts';
import { sourcePaths } from './source-paths.ts';

export const MARKS_FILE = 'scenarios/declared-marks.ts';

/** The literal names given to `sometimes(condition, 'name')`, ascending, each once. */
export function marksOf(text: string): string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText() === 'sometimes') {
      const name = node.arguments[1];
      if (name !== undefined && ts.isStringLiteral(name)) names.push(name.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('x.ts', text, ts.ScriptTarget.Latest, true));
  return [...new Set(names)].sort();
}

export function declaredMarks(): string {
  const names = sourcePaths()
    .filter((path) => path.startsWith('engine/') && !/\.(test|contract|bench)\.ts$/.test(path))
    .flatMap((path) => marksOf(readFileSync(join(ROOT, path), 'utf8')));
  const rows = [...new Set(names)].sort().map((name) => `  ${quoted(name)},\n`);
  return `// The \`sometimes\` marks of the engine, ascending. Made by \`npm run marks\`.

export const DECLARED_MARKS: readonly string[] = [
${rows.join('')}];
`;
}

function quoted(name: string): string {
  return name.includes("'") ? JSON.stringify(name) : `'${name}'`;
}

if (process.argv.includes('--write')) writeFileSync(join(ROOT, MARKS_FILE), declaredMarks());
