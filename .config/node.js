// `node .config/node.js program.ts ...` runs a program of this repository on a Node that can. The
// npm scripts start here, because the `node` they find may be as old as the one that came with npm.
import { fileURLToPath, pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { startHere } from '../scenarios/cli/start-here.js';

await startHere(fileURLToPath(new URL('../', import.meta.url)), () => {
  // The program sees the arguments it would see if it had been started directly.
  process.argv.splice(1, 1);
  const program = resolve(process.argv[1] || '');
  process.argv[1] = program;
  return import(pathToFileURL(program).href);
});
