// `npm run types`: compiles the house twice without output, once inside the fence with no ambient
// types, once with Node's. Both run even if the first fails, so one run shows everything.
import { runCompiler } from './process.ts';

const PROJECTS = ['.config/tsconfig.fence.json', 'tsconfig.json'];

let failures = 0;
for (const project of PROJECTS) {
  const { exitCode } = await runCompiler(['--project', project]);
  console.log(`${project}: ${exitCode === 0 ? 'no errors' : 'errors'}`);
  if (exitCode !== 0) failures += 1;
}
process.exitCode = failures === 0 ? 0 : 1;
