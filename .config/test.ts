// `npm test`: every check there is, in an order that fails early but never stops early. The last
// line reads `N passed, N failed` and counts each ava test and each other check as one.
import { countTests, type Tally } from './ava-tally.ts';
import { runNode } from './process.ts';

interface Check {
  readonly name: string;
  readonly args: readonly string[];
  /** Reads the counts out of the output; without it the check counts as one. */
  readonly tally?: (stdout: string, exitCode: number) => Tally;
}

const CHECKS: readonly Check[] = [
  { name: 'types', args: ['.config/types.ts'] },
  { name: 'lint', args: ['.config/lint.ts'] },
  { name: 'format', args: ['.config/format.ts'] },
  { name: 'house rules', args: ['.config/rules/main.ts'] },
  { name: 'ava', args: ['node_modules/ava/entrypoints/cli.mjs'], tally: countTests },
  {
    name: 'smoke sweep',
    args: ['scenarios/cli/onceproof.js', 'run', '--profile', 'smoke', '--verify-determinism=1'],
  },
];

async function perform(check: Check): Promise<Tally> {
  console.log(`\n== ${check.name}`);
  const { exitCode, stdout } = await runNode(check.args);
  if (check.tally !== undefined) return check.tally(stdout, exitCode);
  return exitCode === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

const tallies: { readonly name: string; readonly tally: Tally }[] = [];
for (const check of CHECKS) tallies.push({ name: check.name, tally: await perform(check) });

console.log('\n== summary');
for (const { name, tally } of tallies) {
  const mark = tally.failed === 0 ? '✓' : '✗';
  console.log(`${mark} ${name}: ${tally.passed} passed, ${tally.failed} failed`);
}
const passed = tallies.reduce((sum, { tally }) => sum + tally.passed, 0);
const failed = tallies.reduce((sum, { tally }) => sum + tally.failed, 0);
process.exitCode = failed === 0 ? 0 : 1;
console.log(`${passed} passed, ${failed} failed`);
