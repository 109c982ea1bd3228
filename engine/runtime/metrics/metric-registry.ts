// Counters and gauges by name and labels, and the text that Prometheus scrapes. In memory only:
// numbers start from zero with the process. No histograms, and no server that serves the text.

import { OnceproofError } from '../../core/errors.ts';

export type MetricLabels = Readonly<Record<string, string>>;

export interface MetricDescription {
  /** As Prometheus wants it: `[a-zA-Z_:][a-zA-Z0-9_:]*`. Counters end in `_total` by custom. */
  readonly name: string;
  readonly help: string;
  readonly labels?: MetricLabels;
}

/** Only ever grows. */
export interface Counter {
  readonly value: number;
  /** Adds 1, or `amount`, which must not be negative. */
  increment(amount?: number): void;
}

export interface Gauge {
  readonly value: number;
  set(value: number): void;
}

interface Family {
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  /** By their labels as text. */
  readonly members: Map<string, Metric>;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

export class MetricRegistry {
  readonly #families = new Map<string, Family>();
  readonly #collectors: (() => void)[] = [];

  /**
   * The same name and labels give the same counter again. Throws OP-E302 for a name that is none.
   */
  counter(description: MetricDescription): Counter {
    return this.#metric('counter', description);
  }

  gauge(description: MetricDescription): Gauge {
    return this.#metric('gauge', description);
  }

  /** Called before the metrics are read, to bring them up to date. */
  onCollect(collect: () => void): void {
    this.#collectors.push(collect);
  }

  /** The text exposition format, version 0.0.4, in ascending order of names. */
  toPrometheus(): string {
    for (const collect of this.#collectors) collect();
    const lines: string[] = [];
    for (const name of [...this.#families.keys()].sort()) {
      const family = this.#families.get(name);
      if (family === undefined) continue;
      lines.push(`# HELP ${name} ${family.help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}`);
      lines.push(`# TYPE ${name} ${family.type}`);
      for (const labels of [...family.members.keys()].sort()) {
        lines.push(`${name}${labels} ${numberText(family.members.get(labels)?.value ?? 0)}`);
      }
    }
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  }

  #metric(type: Family['type'], description: MetricDescription): Metric {
    const { name, help, labels = {} } = description;
    const text = labelText(name, labels);
    const family = this.#families.get(name) ?? { type, help, members: new Map<string, Metric>() };
    if (family.type !== type) throw invalid(name, `it is a ${family.type} already`);
    this.#families.set(name, family);
    const metric = family.members.get(text) ?? new Metric(name, type === 'counter');
    family.members.set(text, metric);
    return metric;
  }
}

class Metric implements Counter, Gauge {
  readonly #name: string;
  readonly #isCounter: boolean;
  #value = 0;

  constructor(name: string, isCounter: boolean) {
    this.#name = name;
    this.#isCounter = isCounter;
  }

  get value(): number {
    return this.#value;
  }

  increment(amount = 1): void {
    if (!(amount >= 0)) throw invalid(this.#name, `a counter cannot grow by ${amount}`);
    this.#value += amount;
  }

  set(value: number): void {
    if (this.#isCounter && value < this.#value) {
      throw invalid(this.#name, `a counter cannot go from ${this.#value} to ${value}`);
    }
    this.#value = value;
  }
}

function labelText(name: string, labels: MetricLabels): string {
  if (!NAME.test(name)) throw invalid(name, 'it is no name for a metric');
  const wrong = Object.keys(labels).find((label) => !LABEL.test(label));
  if (wrong !== undefined) throw invalid(name, `"${wrong}" is no name for a label`);
  const pairs = Object.entries(labels)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([label, value]) => `${label}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}

function invalid(name: string, problem: string): OnceproofError {
  return new OnceproofError('OP-E302', `Cannot use metric "${name}": ${problem}`, {
    place: `metric "${name}"`,
    remedy: 'Use letters, digits and underscores, and one type for each name',
  });
}
