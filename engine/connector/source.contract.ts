// The contract of sources as ava tests. Users take sourceChecks() itself, which needs no particular
// test runner.

import test from 'ava';
import type { SourceSplit } from './source.ts';
import { type SourceUnderTest, sourceChecks } from './testing/source-checks.ts';

export function sourceContract<T, S extends SourceSplit, C>(
  name: string,
  open: () => Promise<SourceUnderTest<T, S, C>>,
): void {
  for (const check of sourceChecks(name, open)) {
    test(check.name, async (t) => {
      await check.run();
      t.pass();
    });
  }
}
