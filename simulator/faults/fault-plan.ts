// The list of faults of one run, as text and back. Printing and parsing are exact inverses; one
// fault is one line, so that plans can be read, compared and cut down by hand.

import { OnceproofError } from '../../engine/core/errors.ts';
import { FAULT_KINDS, type Fault, type FaultKind } from './fault.ts';

/** Safety phase up to `healAtMs`, with faults; from then on everything is healed (liveness). */
export interface FaultPlan {
  readonly healAtMs: number;
  readonly faults: readonly Fault[];
}

type FieldKind =
  | 'text'
  | 'texts'
  | 'natural'
  | 'positive'
  | 'integer'
  | 'boolean'
  | readonly string[];
type Fields = ReadonlyMap<string, FieldKind>;

const WINDOW: readonly (readonly [string, FieldKind])[] = [
  ['fromMs', 'natural'],
  ['toMs', 'natural'],
];

const STOP: Fields = new Map([
  ['host', 'text'],
  ['atMs', 'natural'],
  ['downMs', 'natural'],
]);

const DISK: Fields = new Map([
  ...WINDOW,
  ['host', 'text'],
  ['pathPrefix', 'text'],
  ['oneIn', 'positive'],
]);

const LINK: Fields = new Map([...WINDOW, ['from', 'text'], ['to', 'text']]);

const STRIKE: Fields = new Map([...WINDOW, ['host', 'text'], ['oneIn', 'positive']]);

const MOMENT: Fields = new Map([['atMs', 'natural']]);

const FIELDS: Readonly<Record<FaultKind, Fields>> = {
  crash: STOP,
  'crash-point': new Map([
    ['host', 'text'],
    ['beforeStep', 'positive'],
    ['downMs', 'natural'],
  ]),
  kill: STOP,
  pause: new Map([
    ['host', 'text'],
    ['atMs', 'natural'],
    ['forMs', 'natural'],
  ]),
  'slow-start': new Map([...STOP, ['slowMs', 'natural']]),
  partition: new Map([
    ['from', 'text'],
    ['to', 'text'],
    ['atMs', 'natural'],
    ['healMs', 'natural'],
    ['twoWay', 'boolean'],
  ]),
  loss: new Map([...WINDOW, ['oneIn', 'positive']]),
  duplicate: new Map([...WINDOW, ['oneIn', 'positive'], ['maxMs', 'natural']]),
  reorder: new Map([...WINDOW, ['oneIn', 'positive'], ['maxMs', 'positive']]),
  latency: new Map([...WINDOW, ['host', 'text'], ['addMs', 'natural']]),
  clog: LINK,
  swizzle: new Map([...WINDOW, ['hosts', 'texts'], ['onward', 'texts']]),
  corruption: new Map([...WINDOW, ['oneIn', 'positive']]),
  'half-open': LINK,
  'slow-reader': new Map([...WINDOW, ['host', 'text'], ['eachMs', 'natural']]),
  'memory-pressure': new Map([
    ...WINDOW,
    ['host', 'text'],
    ['room', 'positive'],
    ['drainMs', 'positive'],
  ]),
  'clock-offset': new Map([
    ['host', 'text'],
    ['byMs', 'integer'],
  ]),
  'clock-leap': new Map([
    ['host', 'text'],
    ['atMs', 'natural'],
    ['smearMs', 'natural'],
  ]),
  'clock-freeze': new Map([...WINDOW, ['host', 'text']]),
  'clock-step': new Map([
    ['host', 'text'],
    ['atMs', 'natural'],
    ['byMs', 'integer'],
  ]),
  'clock-drift': new Map([...WINDOW, ['host', 'text'], ['ppm', 'integer']]),
  'sync-failure': DISK,
  'no-space': DISK,
  'io-error': DISK,
  'slow-disk': new Map([...WINDOW, ['host', 'text'], ['factor', 'positive']]),
  'short-io': DISK,
  'stale-read': DISK,
  'lost-write': DISK,
  'misdirected-write': DISK,
  'bit-rot': new Map([
    ['host', 'text'],
    ['pathPrefix', 'text'],
    ['atMs', 'natural'],
  ]),
  'corrupt-checkpoint': new Map<string, FieldKind>([
    ['afterCheckpoint', 'positive'],
    ['artefact', ['newest', 'any']],
    [
      'corruption',
      ['bit-flip', 'truncate', 'missing', 'swap', 'stale', 'duplicate', 'wrong-length'],
    ],
  ]),
  'http-error': new Map<string, FieldKind>([
    ...STRIKE,
    ['answer', ['unavailable', 'throttled', 'server-error']],
  ]),
  'http-lost': STRIKE,
  savepoint: MOMENT,
  'stop-with-savepoint': MOMENT,
  rescale: new Map<string, FieldKind>([
    ...MOMENT,
    ['parallelism', 'positive'],
    ['via', ['savepoint', 'failover']],
  ]),
  cancel: MOMENT,
  upgrade: MOMENT,
  'switch-backend': new Map([...MOMENT, ['backend', 'text']]),
  buggify: new Map([...WINDOW, ['site', 'text'], ['oneIn', 'positive']]),
};

/** JSON with one fault a line. */
export function printPlan(plan: FaultPlan): string {
  const lines = plan.faults.map((fault) => `    ${JSON.stringify(fault)}`);
  const list = lines.length === 0 ? '[]' : `[\n${lines.join(',\n')}\n  ]`;
  return `{\n  "healAtMs": ${plan.healAtMs},\n  "faults": ${list}\n}\n`;
}

/** Throws OP-E140, naming the fault and the field, where the text is not a plan. */
export function parsePlan(text: string): FaultPlan {
  const plan = recordOf(parseJson(text), 'plan');
  const healAtMs = plan.get('healAtMs');
  const faults = plan.get('faults');
  if (!isOfKind(healAtMs, 'natural')) throw planError('healAtMs', 'not an integer from 0');
  if (!Array.isArray(faults)) throw planError('faults', 'not a list');
  const list: readonly unknown[] = faults;
  return {
    healAtMs: Number(healAtMs),
    faults: list.map((fault, index) => checkedFault(fault, `faults[${index}]`)),
  };
}

function checkedFault(raw: unknown, place: string): Fault {
  const fault = recordOf(raw, place);
  const kind = FAULT_KINDS.find((known) => known === fault.get('kind'));
  if (kind === undefined) throw planError(`${place}.kind`, `"${String(fault.get('kind'))}"`);
  const fields = FIELDS[kind];
  for (const [name, fieldKind] of fields) {
    if (isOfKind(fault.get(name), fieldKind)) continue;
    throw planError(`${place}.${name}`, `not ${describeKind(fieldKind)}`);
  }
  for (const name of fault.keys()) {
    if (name === 'kind' || name === 'after' || fields.has(name)) continue;
    throw planError(`${place}.${name}`, `no field of "${kind}"`);
  }
  if (fault.has('after')) checkMark(fault.get('after'), `${place}.after`);
  return raw as Fault;
}

function checkMark(raw: unknown, place: string): void {
  const mark = recordOf(raw, place);
  if (!isOfKind(mark.get('mark'), 'text')) throw planError(`${place}.mark`, 'not a text');
  if (!isOfKind(mark.get('nth'), 'positive')) throw planError(`${place}.nth`, 'not from 1');
}

function isOfKind(value: unknown, kind: FieldKind): boolean {
  if (typeof kind !== 'string') return kind.some((allowed) => allowed === value);
  if (kind === 'texts')
    return Array.isArray(value) && value.every((one) => typeof one === 'string');
  if (kind === 'text') return typeof value === 'string';
  if (kind === 'boolean') return typeof value === 'boolean';
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) return false;
  if (kind === 'integer') return true;
  return kind === 'natural' ? value >= 0 : value >= 1;
}

function describeKind(kind: FieldKind): string {
  if (typeof kind !== 'string') return `one of ${kind.join(', ')}`;
  if (kind === 'natural') return 'an integer from 0';
  if (kind === 'positive') return 'an integer from 1';
  if (kind === 'texts') return 'a list of texts';
  return kind === 'integer' ? 'an integer' : `a ${kind}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw planError('plan', String(error));
  }
}

function recordOf(value: unknown, place: string): ReadonlyMap<string, unknown> {
  if (typeof value !== 'object' || value === null) throw planError(place, 'not an object');
  return new Map<string, unknown>(Object.entries(value));
}

function planError(place: string, state: string): OnceproofError {
  return new OnceproofError('OP-E140', `Cannot read the fault plan at ${place}: ${state}`, {
    place,
    remedy: 'Correct the plan, or print it again from its seed',
  });
}
