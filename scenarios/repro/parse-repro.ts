// Reads a repro file. Whatever a person may have got wrong while editing one is said with the field
// it concerns; a file that parses can be run.

import { OnceproofError } from '../../engine/core/errors.ts';
import { parsePlan } from '../../simulator/index.ts';
import type { ScenarioCluster } from '../scenario.ts';
import type { FailingCase } from '../shrink/failing-case.ts';
import { chanceOf, type Expectation, type Repro, REPRO_VERSION } from './repro.ts';

/** `file` is for messages. Throws OP-E156 to OP-E158, or OP-E140 for a fault. */
export function parseRepro(text: string, file: string): Repro {
  const fields = new Fields(parseJson(text, file), file, '');
  const version = fields.natural('version');
  if (version !== REPRO_VERSION) {
    throw new OnceproofError('OP-E158', `Cannot read a repro of version ${version}`, {
      place: file,
      remedy: `Use the onceproof that wrote it, or one that reads version ${version}`,
    });
  }
  const git = fields.optionalText('git');
  const mutant = fields.optionalText('mutant');
  const files = fields.has('files') ? fields.texts('files') : undefined;
  const repro: Repro = {
    onceproof: fields.text('onceproof'),
    ...(git === undefined ? {} : { git }),
    ...(mutant === undefined ? {} : { mutant }),
    ...(files === undefined ? {} : { files }),
    from: fields.text('from'),
    expect: expectationOf(fields.inner('expect')),
    case: caseOf(fields),
  };
  fields.refuseOthers();
  return repro;
}

function expectationOf(fields: Fields): Expectation {
  const expectation = {
    violates: fields.text('violates'),
    fingerprint: fields.text('fingerprint'),
    message: fields.text('message'),
  };
  fields.refuseOthers();
  return expectation;
}

function caseOf(fields: Fields): FailingCase {
  const choices = fields.inner('choices');
  const quiet = choices.has('quiet') ? choices.texts('quiet') : [];
  const one: FailingCase = {
    scenario: fields.text('scenario'),
    backend: fields.text('backend'),
    seed: choices.seed('seed'),
    plan: parsePlan(
      JSON.stringify({ healAtMs: fields.natural('healAtMs'), faults: fields.list('faults') }),
    ),
    input: fields.has('input') ? fields.list('input') : undefined,
    cluster: clusterOf(fields.inner('cluster')),
    rescales: fields.boolean('rescales'),
    livenessMs: fields.natural('livenessMs'),
    horizonMs: fields.has('horizonMs') ? fields.natural('horizonMs') : undefined,
    chance: chanceOf(quiet, choices.has('draws') ? choices.draws('draws') : {}),
  };
  choices.refuseOthers();
  return one;
}

function clusterOf(fields: Fields): ScenarioCluster {
  const optional = (name: 'jobManagers' | 'renewDeadlineMs'): Partial<ScenarioCluster> =>
    fields.has(name) ? { [name]: fields.positive(name) } : {};
  const cluster = {
    ...optional('jobManagers'),
    ...optional('renewDeadlineMs'),
    taskManagers: fields.positive('taskManagers'),
    slots: fields.positive('slots'),
    parallelism: fields.positive('parallelism'),
  };
  fields.refuseOthers();
  return cluster;
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new OnceproofError('OP-E156', `Cannot read the repro: ${String(error)}`, {
      place: file,
      remedy: 'Mend the JSON, or shrink the run again that the file was made of',
      cause: error,
    });
  }
}

/** The fields of an object, each asked for once, with its place. */
class Fields {
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #file: string;
  readonly #path: string;
  readonly #asked = new Set<string>();

  constructor(value: unknown, file: string, path: string) {
    this.#file = file;
    this.#path = path;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw this.#wrong('', 'it is not an object');
    }
    this.#values = new Map<string, unknown>(Object.entries(value));
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  inner(name: string): Fields {
    return new Fields(this.#take(name), this.#file, `${this.#path}${name}.`);
  }

  text(name: string): string {
    const value = this.#take(name);
    if (typeof value === 'string' && value !== '') return value;
    throw this.#wrong(name, 'it is not a text');
  }

  optionalText(name: string): string | undefined {
    return this.has(name) ? this.text(name) : undefined;
  }

  seed(name: string): string {
    const seed = this.text(name);
    if (/^[0-9a-f]{16}$/.test(seed)) return seed;
    throw this.#wrong(name, 'it is not 16 hexadecimal digits');
  }

  boolean(name: string): boolean {
    const value = this.#take(name);
    if (typeof value === 'boolean') return value;
    throw this.#wrong(name, 'it is neither true nor false');
  }

  natural(name: string): number {
    const value = this.#take(name);
    if (isNatural(value)) return value;
    throw this.#wrong(name, 'it is not an integer from 0');
  }

  positive(name: string): number {
    const value = this.natural(name);
    if (value > 0) return value;
    throw this.#wrong(name, 'it is not an integer from 1');
  }

  list(name: string): readonly unknown[] {
    const value = this.#take(name);
    if (Array.isArray(value)) return value;
    throw this.#wrong(name, 'it is not a list');
  }

  texts(name: string): readonly string[] {
    return this.list(name).map((value) => {
      if (typeof value === 'string') return value;
      throw this.#wrong(name, 'it is not a list of texts');
    });
  }

  draws(name: string): Readonly<Record<string, Readonly<Record<string, number>>>> {
    const streams = Object.entries(this.inner(name).#all());
    const isDraws = streams.every(
      ([, values]) =>
        typeof values === 'object' &&
        values !== null &&
        Object.entries(values).every(([index, value]) => /^\d+$/.test(index) && isNatural(value)),
    );
    if (!isDraws) throw this.#wrong(name, 'it does not give numbers by stream and draw');
    return Object.fromEntries(streams) as Record<string, Record<string, number>>;
  }

  refuseOthers(): void {
    const stranger = [...this.#values.keys()].find(
      (name) => !this.#asked.has(name) && name !== '$schema',
    );
    if (stranger !== undefined) throw this.#wrong(stranger, 'there is no such field');
  }

  #all(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(this.#values);
  }

  #take(name: string): unknown {
    this.#asked.add(name);
    if (this.#values.has(name)) return this.#values.get(name);
    throw this.#wrong(name, 'it is missing');
  }

  #wrong(name: string, problem: string): OnceproofError {
    const field = `${this.#path}${name}`.replace(/\.$/, '');
    const what = field === '' ? 'the repro' : `"${field}" of the repro`;
    return new OnceproofError('OP-E157', `Cannot use ${what}: ${problem}`, {
      place: this.#file,
      remedy: 'Mend the field, or shrink the run again that the file was made of',
    });
  }
}

function isNatural(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
