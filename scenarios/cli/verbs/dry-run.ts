// `onceproof run --dry-run`: the plan, and nothing but the plan.

import type { Screens } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { count, plural } from '../output/text.ts';
import { countRuns, type Plan, planRuns } from '../suite/plan.ts';

const RUNS_SHOWN = 10;

export function dryRun(plan: Plan, { results, printJson }: Screens): ExitCode {
  const planned = countRuns(plan);
  const total = planned === undefined ? 'as many as fit' : count(planned);
  results.write(` ${total} runs of ${plural(plan.cases.length, 'case')}, root seed ${plan.root}\n`);
  let shown = 0;
  for (const { run, index, sequence } of planRuns(plan)) {
    if (shown === RUNS_SHOWN && printJson === undefined) break;
    if (shown === (planned ?? RUNS_SHOWN)) break;
    printJson?.(`${JSON.stringify({ type: 'planned-run', run, index, sequence })}\n`);
    results.write(`   ${run}\n`);
    shown += 1;
  }
  const more = planned === undefined ? 0 : planned - shown;
  if (more > 0) results.write(`   and ${count(more)} more\n`);
  results.write(` exit 0: nothing was run · root seed ${plan.root}\n`);
  return 0;
}
