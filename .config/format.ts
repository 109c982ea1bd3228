// `npm run format` rewrites every source file in the one format there is; without `--write` it only
// says which files would change, and fails if any would. Paths limit it to those files.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, runNode } from './process.ts';
import { reflowComments } from './reflow.ts';
import { sourcePaths } from './source-paths.ts';

const args = process.argv.slice(2);
const isWrite = args.includes('--write');
const wanted = args.filter((arg) => !arg.startsWith('--'));

function isWanted(path: string): boolean {
  return wanted.length === 0 || wanted.some((part) => path === part || path.startsWith(`${part}/`));
}

// Comments first: the formatter has the last word. The check of their width is a house rule.
for (const path of isWrite ? sourcePaths().filter(isWanted) : []) {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const reflowed = reflowComments(path, text);
  if (reflowed !== text) writeFileSync(join(ROOT, path), reflowed);
}

const { exitCode } = await runNode([
  'node_modules/@biomejs/biome/bin/biome',
  'format',
  '--config-path=.config/format.json',
  ...(isWrite ? ['--write'] : []),
  ...(wanted.length === 0 ? ['.'] : wanted),
]);
process.exitCode = exitCode;
