/**
 * The shape of every event, and the JSON Schema published as `events-v1.schema.json`.
 * A test keeps the file equal to `jsonSchema()`. Unknown keys are allowed everywhere on purpose:
 * a log written by a later minor version stays readable.
 */
import type { Shape } from './shape.ts';

const text: Shape = { type: 'string' };
const count: Shape = { type: 'integer', minimum: 0 };
const milliseconds: Shape = { type: 'number', minimum: 0 };
const flag: Shape = { type: 'boolean' };
const texts: Shape = { type: 'array', items: text };
const verdict: Shape = { enum: ['valid', 'unknown', 'invalid'] };

/** An object whose keys ending in `?` may be left out. */
function object(
  fields: Readonly<Record<string, Shape>>,
  type: string | readonly string[] = 'object',
): Shape {
  const entries = Object.entries(fields);
  return {
    type,
    properties: Object.fromEntries(entries.map(([key, shape]) => [key.replace('?', ''), shape])),
    required: entries.map(([key]) => key).filter((key) => !key.endsWith('?')),
  };
}

function event(type: string, fields: Readonly<Record<string, Shape>>): Shape {
  return object({ v: { const: 1 }, type: { const: type }, ...fields });
}

const schedule: Shape = {
  type: 'array',
  items: object({
    timeMs: milliseconds,
    host: text,
    text,
    kind: { enum: ['fault', 'event', 'violation'] },
  }),
};

const traceEvent = object({
  step: count,
  timeMs: milliseconds,
  host: text,
  kind: text,
  text,
  'from?': text,
  'to?': text,
  'message?': text,
  'checkpoint?': { type: 'integer' },
  'cause?': count,
});

const tried: Shape = { type: 'array', items: count };

const crashPoint = object({
  host: text,
  operation: text,
  before: tried,
  after: tried,
  again: tried,
});

const runEnd: Readonly<Record<string, Shape>> = {
  run: text,
  case: text,
  seed: text,
  index: count,
  verdict,
  'property?': text,
  'message?': text,
  steps: count,
  simMs: milliseconds,
  'wallMs?': milliseconds,
  faults: { type: 'object', additionalProperties: count },
  recoveries: count,
  checkpoints: object({ triggered: count, completed: count, aborted: count }),
  records: count,
  commits: count,
  digest: text,
  sometimes: texts,
  properties: {
    type: 'object',
    additionalProperties: object({ verdict, evaluated: count }),
  },
};

/** One shape per event type, by the value of `type`. */
export const EVENT_SHAPES: ReadonlyMap<string, Shape> = new Map(
  Object.entries({
    'suite.start': {
      onceproof: text,
      root: text,
      git: object({ sha: text, dirty: flag }, ['object', 'null']),
      cases: count,
      runs: count,
      profile: text,
      shard: { type: ['string', 'null'] },
      argv: texts,
      node: text,
      platform: text,
    },
    'case.start': {
      case: text,
      scenario: text,
      backend: text,
      seeds: count,
      'file?': text,
      'line?': count,
      'claim?': text,
      properties: texts,
    },
    'run.end': runEnd,
    'finding.new': {
      id: text,
      fingerprint: text,
      property: text,
      case: text,
      run: text,
      message: text,
      'expected?': texts,
      'actual?': texts,
      'rate?': object({ failed: count, of: count }),
      schedule,
      replay: text,
    },
    'finding.shrunk': {
      id: text,
      schedule,
      replay: text,
      'faultsBefore?': count,
      'steps?': count,
    },
    'finding.events': { id: text, events: { type: 'array', items: traceEvent } },
    sometimes: { name: text, runs: count, of: count, 'first?': text },
    determinism: { repeated: count, differed: count, 'firstDifference?': text },
    mutant: {
      name: text,
      description: text,
      killed: flag,
      'property?': text,
      seeds: count,
      'replay?': text,
      'area?': text,
      'operator?': text,
      'standsFor?': texts,
      'expectedProperty?': text,
      'roots?': count,
      'kills?': count,
      'seedsP95?': count,
      'mustSurvive?': flag,
    },
    corpus: { repros: count, held: count, failed: texts, stale: texts },
    'crash-points': {
      case: text,
      seed: text,
      operations: count,
      tried: count,
      rows: { type: 'array', items: crashPoint },
    },
    progress: { runs: count, of: count, findings: count },
    'suite.end': {
      verdict: { enum: ['no-violation', 'violated', 'inconclusive', 'nondeterministic'] },
      exit: count,
      runs: count,
      findings: count,
      nondeterministic: count,
      'wallMs?': milliseconds,
      'interrupted?': flag,
    },
  } satisfies Readonly<Record<string, Readonly<Record<string, Shape>>>>).map(
    ([type, fields]): [string, Shape] => [type, event(type, fields)],
  ),
);

/** The schema of one line of the log, for readers that are not written in TypeScript. */
export function jsonSchema(): Readonly<Record<string, unknown>> {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'One line of a onceproof event log, version 1',
    description: 'Readers ignore lines of an unknown type, and keys they do not know.',
    type: 'object',
    required: ['v', 'type'],
    oneOf: [...EVENT_SHAPES.values()],
  };
}
