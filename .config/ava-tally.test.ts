// The count at the end of `npm test` loses nothing that ava reports.
import test from 'ava';
import { countTests } from './ava-tally.ts';

test('countTests() adds up what passed and what failed by whatever name', (t) => {
  const output = [
    '  ✔ a › holds (12ms)',
    '    ℹ ✔ what a test logs is not counted',
    '  ✘ [fail]: a › breaks',
    '  ✔ [expected fail] a › is known to break',
    '  - [skip] a › is passed over',
    '  ─',
    '  1 test failed',
    '  1 known failure',
    '  1 test skipped',
    '  2 uncaught exceptions',
    '  3 tests remained pending after a timeout',
  ];
  t.deepEqual(countTests(output.join('\n'), 1), { passed: 2, failed: 7 });
});

test('countTests() reads colored output', (t) => {
  t.deepEqual(countTests('  \u{1B}[32m✔\u{1B}[39m a › holds\n', 0), { passed: 1, failed: 0 });
});

test('countTests() counts a run that broke down, or ran nothing, as a failure', (t) => {
  t.deepEqual(countTests('Error: no such file', 1), { passed: 0, failed: 1 });
  t.deepEqual(countTests('', 0), { passed: 0, failed: 1 });
  t.deepEqual(countTests('  ✔ a', 1), { passed: 1, failed: 1 });
});
