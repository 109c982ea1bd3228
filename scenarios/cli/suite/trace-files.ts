// `--trace all`: the events of every run in a file of its own, one JSON object a line.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SuiteWatcher } from './run-suite.ts';

export function withTraceFiles(watcher: SuiteWatcher, out: string): SuiteWatcher {
  const directory = join(out, 'traces');
  mkdirSync(directory, { recursive: true });
  return {
    ...watcher,
    onRun(run, done) {
      watcher.onRun(run, done);
      const name = run.run.replace(/[^\w.-]+/g, '_');
      const lines = (done.trace ?? []).map((event) => `${JSON.stringify(event)}\n`);
      writeFileSync(join(directory, `${name}.ndjson`), lines.join(''));
    },
  };
}
