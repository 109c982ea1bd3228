// Where an operator's results go inside a task: plain calls to the next operators of the chain,
// and to the edges that leave it. The two common shapes, one operator or one edge, take no loop.

import { present } from '../../core/assert.ts';
import type { Output, StreamOperator } from '../stream-operator.ts';

/** The leaving end of one JobEdge. Broadcasts watermarks and statuses to all its channels. */
export interface EdgeOutput {
  emit(value: unknown, timestamp: number): void;
  emitWatermark(timestamp: number): void;
  emitStatus(idle: boolean): void;
}

/** An operator of the chain as its predecessor sees it. */
export interface ChainTarget {
  readonly operator: StreamOperator;
  /** For statuses that the operator does not handle itself. */
  readonly output: Output<unknown>;
}

export interface OutputTargets {
  readonly links: readonly { readonly tag: string | undefined; readonly target: ChainTarget }[];
  readonly edges: readonly { readonly tag: string | undefined; readonly output: EdgeOutput }[];
}

export function outputTo(targets: OutputTargets): Output<unknown> {
  const { links, edges } = targets;
  const [link] = links;
  const [edge] = edges;
  const isMain = [...links, ...edges].every(({ tag }) => tag === undefined);
  if (isMain && links.length === 1 && edges.length === 0) {
    return new LinkOutput(present(link, 'Cannot link nothing').target);
  }
  if (isMain && edges.length === 1 && links.length === 0) {
    return new SingleEdgeOutput(present(edge, 'Cannot write to no edge').output);
  }
  return new FanOutOutput(targets);
}

class LinkOutput implements Output<unknown> {
  readonly #operator: StreamOperator;
  readonly #target: ChainTarget;

  constructor(target: ChainTarget) {
    this.#target = target;
    this.#operator = target.operator;
  }

  emit(value: unknown, timestamp: number): void {
    this.#operator.processElement(value, timestamp, 0);
  }

  /** Nobody asked for this side output. */
  emitSide(): void {}

  emitWatermark(timestamp: number): void {
    this.#operator.processWatermark(timestamp);
  }

  emitStatus(idle: boolean): void {
    passStatus(this.#target, idle);
  }
}

class SingleEdgeOutput implements Output<unknown> {
  readonly #edge: EdgeOutput;

  constructor(edge: EdgeOutput) {
    this.#edge = edge;
  }

  emit(value: unknown, timestamp: number): void {
    this.#edge.emit(value, timestamp);
  }

  emitSide(): void {}

  emitWatermark(timestamp: number): void {
    this.#edge.emitWatermark(timestamp);
  }

  emitStatus(idle: boolean): void {
    this.#edge.emitStatus(idle);
  }
}

/** Watermarks and statuses go to everyone, consumers of side outputs included. */
class FanOutOutput implements Output<unknown> {
  readonly #links: readonly ChainTarget[];
  readonly #edges: readonly EdgeOutput[];
  readonly #main: Receivers;
  readonly #side: ReadonlyMap<string, Receivers>;

  constructor({ links, edges }: OutputTargets) {
    this.#links = links.map(({ target }) => target);
    this.#edges = edges.map(({ output }) => output);
    const receiversOf = (wanted: string | undefined): Receivers => ({
      operators: links.filter(({ tag }) => tag === wanted).map(({ target }) => target.operator),
      edges: edges.filter(({ tag }) => tag === wanted).map(({ output }) => output),
    });
    this.#main = receiversOf(undefined);
    const tags = [...links, ...edges].flatMap(({ tag }) => (tag === undefined ? [] : [tag]));
    this.#side = new Map(tags.map((tag) => [tag, receiversOf(tag)]));
  }

  emit(value: unknown, timestamp: number): void {
    deliver(this.#main, value, timestamp);
  }

  emitSide(tag: string, value: unknown, timestamp: number): void {
    const receivers = this.#side.get(tag);
    if (receivers !== undefined) deliver(receivers, value, timestamp);
  }

  emitWatermark(timestamp: number): void {
    for (const { operator } of this.#links) operator.processWatermark(timestamp);
    for (const edge of this.#edges) edge.emitWatermark(timestamp);
  }

  emitStatus(idle: boolean): void {
    for (const target of this.#links) passStatus(target, idle);
    for (const edge of this.#edges) edge.emitStatus(idle);
  }
}

interface Receivers {
  readonly operators: readonly StreamOperator[];
  readonly edges: readonly EdgeOutput[];
}

function deliver(receivers: Receivers, value: unknown, timestamp: number): void {
  for (const operator of receivers.operators) operator.processElement(value, timestamp, 0);
  for (const edge of receivers.edges) edge.emit(value, timestamp);
}

function passStatus({ operator, output }: ChainTarget, idle: boolean): void {
  if (operator.processStatus === undefined) output.emitStatus(idle);
  else operator.processStatus(idle);
}
