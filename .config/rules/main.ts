// `npm run rules`: reads the tree, applies every house rule and prints what departs from it, one
// line of place and problem and one of remedy. Exits with 1 when anything does.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../process.ts';
import { sourcePaths } from '../source-paths.ts';
import { checkFiles } from './check.ts';
import { applyExceptions, EXCEPTIONS } from './exceptions.ts';
import { sourceFile } from './source-file.ts';
import { checkTopLevel } from './top-level.ts';

const files = sourcePaths().map((path) => sourceFile(path, readFileSync(join(ROOT, path), 'utf8')));
const findings = applyExceptions(
  [...checkTopLevel(readdirSync(ROOT)), ...checkFiles(files)],
  EXCEPTIONS,
);
for (const { rule, path, line, problem, remedy } of findings) {
  console.log(`${path}:${line}  ${rule}: ${problem}\n    ${remedy}`);
}
console.log(`House rules: ${files.length} files, ${findings.length} findings`);
process.exitCode = findings.length === 0 ? 0 : 1;
