// `npm run bench`: runs every benchmark of the engine, the simulator and the scenarios, one after
// another, each in a process of its own so that none inherits the heap or the optimized code of the
// one before.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, runNode } from './process.ts';

const PLACES = ['engine/bench', 'simulator/bench', 'scenarios/bench'];

const wanted = process.argv.slice(2);
const benchmarks = PLACES.filter((place) => existsSync(join(ROOT, place)))
  .flatMap((place) => readdirSync(join(ROOT, place)).map((name) => `${place}/${name}`))
  .filter((path) => path.endsWith('.bench.ts'))
  .filter((path) => wanted.length === 0 || wanted.some((part) => path.includes(part)))
  .sort();

let failures = 0;
for (const path of benchmarks) {
  console.log(`\n== ${path}`);
  const { exitCode } = await runNode(['--expose-gc', path]);
  if (exitCode !== 0) failures += 1;
}
console.log(`\n${benchmarks.length - failures} benchmarks ran, ${failures} failed`);
process.exitCode = failures === 0 && benchmarks.length > 0 ? 0 : 1;
