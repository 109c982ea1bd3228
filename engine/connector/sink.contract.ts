// The contract of transactional sinks as ava tests. Users take sinkChecks() itself, which needs no
// particular test runner.

import test from 'ava';
import { type SinkUnderTest, sinkChecks } from './testing/sink-checks.ts';

export function sinkContract<IN, C, WS>(
  name: string,
  open: () => Promise<SinkUnderTest<IN, C, WS>>,
): void {
  for (const check of sinkChecks(name, open)) {
    test(check.name, async (t) => {
      await check.run();
      t.pass();
    });
  }
}
