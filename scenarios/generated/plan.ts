// What a generated job is, as plain data: nodes in an order in which each comes after its inputs.
// Every list of genes makes a plan, so chance may draw them and a test may shrink them one by one.
// Left out, as their results depend on the interleaving: running sums, minima and the like, what
// the first or last record of a key decides, reading broadcast state before the input has ended,
// results by processing time, dropping late data, idle sources, state that expires.

import {
  type GENE_KINDS,
  isAmong,
  isKeyed,
  isWindow,
  KINDS,
  type NodeKind,
  type TwoInputKind,
} from './node-kinds.ts';

/** What flows between nodes. */
export interface Item {
  readonly key: number;
  readonly n: number;
  /** Of a window that may fire again: which, and how many items it holds so far. */
  readonly window?: { readonly start: number; readonly end: number; readonly count: number };
}

export interface PlanNode {
  readonly kind: NodeKind;
  /** Indices of earlier nodes. */
  readonly inputs: readonly number[];
  /** Undefined: the job's, which may change while it runs. */
  readonly parallelism: number | undefined;
  readonly chaining: 'always' | 'never' | 'head';
  readonly maxParallelism: number | undefined;
  /** Chooses among the ways in which a node of this kind can be built. */
  readonly variant: number;
  /** Whether records may come behind the watermark: windows then fire again for them. */
  readonly isLate: boolean;
}

export interface JobPlan {
  readonly nodes: readonly PlanNode[];
  /** Indices of the nodes that are written out. */
  readonly sinks: readonly number[];
}

/** What decides about one node. Every number will do. */
export interface Gene {
  readonly kind: (typeof GENE_KINDS)[number];
  /** How far back its inputs are. */
  readonly first: number;
  readonly second: number;
  readonly parallelism: number;
  readonly chaining: number;
  readonly variant: number;
}

/** What is known of the stream that a node gives. */
interface Stream {
  /** Its timestamps do not depend on the interleaving. */
  readonly isTimed: boolean;
  readonly isLate: boolean;
  /** It may put out a window more than once: only a sink knows which result counts. */
  readonly isProvisional: boolean;
  /** How many of its items there may be to an input record. */
  readonly factor: number;
}

const FACTOR_MAX = 6;
const CHAININGS = ['always', 'always', 'head', 'never'] as const;
const MAX_PARALLELISMS = [undefined, undefined, 4, 16] as const;
const SOURCE_LATE = 3;

export function planOf(genes: readonly Gene[]): JobPlan {
  const draft = new Draft();
  draft.addSource(genes[0]?.variant ?? 0);
  for (const gene of genes) draft.add(gene);
  return draft.finish();
}

/** One line, for traces: `0 source(2), 1 map(0)x3, sinks 1`. */
export function describePlan({ nodes, sinks }: JobPlan): string {
  const lines = nodes.map(({ kind, inputs, parallelism, variant, chaining }, index) => {
    const times = parallelism === undefined ? '' : ` x${parallelism}`;
    const chained = chaining === 'always' ? '' : ` ${chaining}`;
    return `${index} ${kind}/${variant}(${inputs.join(' ')})${times}${chained}`;
  });
  return `${lines.join(', ')}; sinks ${sinks.join(' ')}`;
}

class Draft {
  readonly #nodes: PlanNode[] = [];
  readonly #streams: Stream[] = [];

  addSource(variant: number): void {
    const isLate = variant % 4 === SOURCE_LATE;
    this.#push(
      // Only a single reader keeps what its watermarks promise, whatever is restored where.
      { ...PLAIN, kind: 'source', variant, isLate, parallelism: variant % 4 < 2 ? 1 : undefined },
      { isTimed: true, isLate, isProvisional: false, factor: 1 },
    );
  }

  add(gene: Gene): void {
    const { kind, variant } = gene;
    if (kind === 'source') return this.addSource(variant);
    if (isAmong(KINDS.twoInput, kind)) return this.#addTwoInput(gene, kind);
    const input = this.#pick(gene.first);
    const of = this.#streams[input];
    if (of === undefined || of.factor * growthOf(kind) > FACTOR_MAX) return;
    const needsTime = kind === 'stamp' || kind === 'delay' || isWindow(kind);
    const source = needsTime && !of.isTimed ? this.#retime(input, gene) : input;
    const { isLate } = this.#streams[source] ?? of;
    this.#push(nodeOf(gene, [source], isLate), streamOf(gene, this.#streams[source] ?? of));
  }

  finish(): JobPlan {
    const used = new Set(this.#nodes.flatMap(({ inputs }) => inputs));
    const sinks = this.#nodes.map((_, index) => index).filter((index) => !used.has(index));
    return { nodes: this.#nodes, sinks };
  }

  #addTwoInput(gene: Gene, kind: TwoInputKind): void {
    const inputs = [this.#pick(gene.first), this.#pick(gene.second)];
    const [left, right] = inputs.map((input) => this.#streams[input]);
    if (left === undefined || right === undefined) return;
    const isLate = left.isLate || right.isLate;
    const isFinal = kind === 'join' || kind === 'rules';
    const factor = isFinal ? 1 : left.factor + right.factor;
    if (factor > FACTOR_MAX) return;
    const isTimed = isFinal || (left.isTimed && right.isTimed);
    this.#push(nodeOf(gene, inputs, isLate), { isTimed, isLate, isProvisional: false, factor });
  }

  #retime(input: number, gene: Gene): number {
    const { factor = 1 } = this.#streams[input] ?? {};
    const isLate = gene.variant % 2 === 1;
    this.#push(
      { ...nodeOf(gene, [input], isLate), kind: 'retime', maxParallelism: undefined },
      { isTimed: true, isLate, isProvisional: false, factor },
    );
    return this.#nodes.length - 1;
  }

  /** The `back`-th from the end of those that may be an input. */
  #pick(back: number): number {
    const open = this.#streams
      .map(({ isProvisional }, index) => (isProvisional ? -1 : index))
      .filter((index) => index >= 0);
    return open[open.length - 1 - (back % open.length)] ?? 0;
  }

  #push(node: PlanNode, stream: Stream): void {
    this.#nodes.push(node);
    this.#streams.push(stream);
  }
}

const PLAIN = {
  inputs: [],
  parallelism: undefined,
  chaining: 'always',
  maxParallelism: undefined,
} as const;

function nodeOf(gene: Gene, inputs: readonly number[], isLate: boolean): PlanNode {
  const { kind, parallelism, chaining, variant } = gene;
  // What goes to all subtasks must not depend on how many there happen to be.
  const isFixed = kind === 'spread' || parallelism % 4 > 0;
  return {
    kind,
    inputs,
    parallelism: isFixed ? 1 + (parallelism % 3) : undefined,
    chaining: CHAININGS[chaining % CHAININGS.length] ?? 'always',
    maxParallelism: isKeyed(kind) ? MAX_PARALLELISMS[variant % MAX_PARALLELISMS.length] : undefined,
    variant,
    isLate,
  };
}

function streamOf({ kind, variant }: Gene, of: Stream): Stream {
  const factor = of.factor * growthOf(kind);
  if (isAmong(KINDS.running, kind)) return { ...of, isTimed: false };
  if (isAmong(KINDS.final, kind)) return { ...of, isTimed: true };
  const isProvisional = isWindow(kind) && of.isLate && !isSettled(variant);
  return { ...of, factor, isProvisional };
}

/** Whether the last result of each of its windows is taken before others see any. */
export function isSettled(variant: number): boolean {
  return variant % 2 === 0;
}

function growthOf(kind: NodeKind): number {
  if (kind === 'flat-map' || kind === 'sliding') return 2;
  return kind === 'spread' ? 3 : 1;
}
