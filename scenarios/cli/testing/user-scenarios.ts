// For tests: a scenario file as a user would write it, outside of the repository. Its job is tiny
// and real; what its own checker says about a run is what a test needs: it holds, objects, dies,
// prints.

/** `verdict` is code of a checker over `history`, and over `first`, a number below 1,000. */
export interface UserScenario {
  readonly id: string;
  readonly verdict: string;
  readonly tags?: readonly string[];
  readonly backends?: readonly string[];
}

const SCENARIOS = new URL('../../', import.meta.url);

/** At the top of the file; counts in a module are what makes a run depend on the one before. */
const HEAD = `
import { defineScenario } from '${new URL('scenario.ts', SCENARIOS).href}';

let calls = 0;

function judged(check: (first: number, history: { records: readonly unknown[] }) => string | null) {
  return {
    name: 'user-check',
    explanation: 'What the user wants to hold.',
    check(history: { records: readonly unknown[] }) {
      const record = history.records[0] as { readonly first: number };
      const message = check(record.first, history);
      return message === null
        ? { verdict: 'valid' as const, evaluated: 1 }
        : { verdict: 'invalid' as const, evaluated: 1, message };
    },
  };
}
`;

export function userScenarioFile(scenarios: readonly UserScenario[]): string {
  return HEAD + scenarios.map(scenarioText).join('\n');
}

function scenarioText(scenario: UserScenario, index: number): string {
  const { id, verdict, tags = [], backends = ['memory', 'fs'] } = scenario;
  return `
export const scenario${index} = defineScenario<
  { readonly id: string; readonly first: number },
  { readonly id: string }
>({
  id: '${id}',
  claim: 'A user claims this.',
  tags: ${JSON.stringify(tags)},
  backends: ${JSON.stringify(backends)} as ('memory' | 'fs')[],
  cluster: { taskManagers: 1, slots: 1, parallelism: 1 },
  workload: {
    records: 3,
    recordsPerSecond: 100,
    generate: (index, random) => ({ id: 'r' + index, first: random.below(1000) }),
  },
  job: ({ source, sink }) => {
    source()
      .map(({ id }) => ({ id }))
      .uid('map')
      .sinkTo(sink())
      .uid('sink');
  },
  model: (records) => records.map(({ id }) => ({ id })),
  accountsFor: ({ id }) => [id],
  idOf: ({ id }) => id,
  faults: [],
  checkers: [judged((first, history) => { calls += 1; void [history, calls]; ${verdict} })],
});
`;
}
