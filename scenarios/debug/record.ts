// Carries a run out with everything recorded that a comparison needs.

import { outputsOf } from '../checkers/multiset.ts';
import type { History } from '../checkers/checker.ts';
import type { RecordedRun } from './compare.ts';
import { runSubject, type Subject } from './subject.ts';

export async function recordSubject(subject: Subject): Promise<RecordedRun> {
  let history: History | undefined;
  const { trace = [], ...result } = await runSubject(subject, {
    record: true,
    onHistory: (one) => {
      history = one;
    },
  });
  const outputs = history === undefined ? [] : outputsOf(history).map(history.project);
  return {
    result,
    trace,
    outputs: outputs.map((output) => JSON.stringify(output) ?? String(output)),
    completed: (history?.events ?? []).flatMap(({ event }) =>
      event.kind === 'checkpoint-completed' ? [event.checkpoint] : [],
    ),
  };
}
