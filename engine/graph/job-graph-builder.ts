// From nodes and edges to the JobGraph: operators that can run as plain calls of each other
// become one vertex. The same program gives the same graph, ids included, on every host.

import { present } from '../core/assert.ts';
import { OnceproofError } from '../core/errors.ts';
import { hashHex } from '../core/hash.ts';
import { type JobId, jobId, type JobVertexId, jobVertexId } from '../core/ids.ts';
import type { ChainedOperator, ChainLink, JobEdge, JobGraph, JobVertex } from './job-graph.ts';
import { buildStreamGraph, type StreamEdge, type StreamNode } from './stream-graph.ts';
import type { PhysicalTransformation } from './transformation.ts';

/** All of a JobGraph that does not follow from the transformations. */
export interface JobGraphSettings
  extends Pick<
    JobGraph,
    | 'name'
    | 'checkpoints'
    | 'restartStrategy'
    | 'failoverStrategy'
    | 'stateBackend'
    | 'bufferTimeoutMs'
  > {
  /** Default: a hash of the name. */
  readonly id: JobId | undefined;
  readonly parallelism: number;
  readonly maxParallelism: number | undefined;
  /** False: every operator becomes a vertex of its own. */
  readonly chaining: boolean;
}

/** A vertex under construction. */
interface Chain {
  readonly id: JobVertexId;
  readonly head: StreamNode;
  /** Without the source. */
  readonly operators: StreamNode[];
  readonly links: ChainLink[];
}

export function buildJobGraph(
  transformations: readonly PhysicalTransformation[],
  settings: JobGraphSettings,
): JobGraph {
  const { parallelism, maxParallelism, chaining, id, ...rest } = settings;
  const nodes = buildStreamGraph(transformations, { parallelism, maxParallelism });
  checkEnds(nodes, settings.name);
  const chains = chainNodes(nodes, chaining);
  return {
    ...rest,
    id: id ?? jobId(hashHex(`job/${settings.name}`)),
    vertices: [...new Set(chains.values())].map(vertexOf),
    edges: uniqueEdges(nodes.flatMap((node) => edgesInto(node, chains))),
  };
}

/** By node. Nodes are in topological order, so the chain of an input is there before its node. */
function chainNodes(
  nodes: readonly StreamNode[],
  chaining: boolean,
): ReadonlyMap<StreamNode, Chain> {
  const chains = new Map<StreamNode, Chain>();
  for (const node of nodes) {
    const edge = chaining ? chainableEdge(node) : undefined;
    const chain = edge === undefined ? startChain(node) : chainOf(edge.from, chains);
    chains.set(node, chain);
    if (node.source !== undefined) continue;
    chain.operators.push(node);
    if (edge === undefined) continue;
    chain.links.push({
      from: chain.operators.indexOf(edge.from),
      tag: edge.tag,
      to: chain.operators.length - 1,
    });
  }
  return chains;
}

function startChain(head: StreamNode): Chain {
  return { id: jobVertexId(head.id), head, operators: [], links: [] };
}

/** The one edge over which the node may be called plainly. Flink's isChainable. */
function chainableEdge(node: StreamNode): StreamEdge | undefined {
  const [edge, ...others] = node.edges;
  if (edge === undefined || others.length > 0 || node.inputCount !== 1) return undefined;
  const { from, partitioning } = edge;
  const isChainable =
    partitioning.kind === 'forward' &&
    from.parallelism === node.parallelism &&
    from.maxParallelism === node.maxParallelism &&
    from.chainsAfter &&
    node.chainsBefore;
  return isChainable ? edge : undefined;
}

function vertexOf({ id, head, operators, links }: Chain): JobVertex {
  const nodes = head.source === undefined ? operators : [head, ...operators];
  return {
    id,
    name: nodes.map(({ name }) => name).join(' -> '),
    parallelism: head.parallelism,
    maxParallelism: head.maxParallelism,
    maxParallelismConfigured: nodes.some((node) => node.maxParallelismConfigured),
    source: head.source,
    sourceOperator: head.source === undefined ? undefined : head.id,
    operators: operators.map(chainedOperator),
    links,
  };
}

function chainedOperator(node: StreamNode): ChainedOperator {
  const { id, uid, name, keyed, keySerializer } = node;
  const factory = present(node.factory, `Cannot chain "${name}": it has no operator`);
  return { id, uid, name, keyed, keySerializer, factory };
}

/** Those that are no links inside a chain. */
function edgesInto(node: StreamNode, chains: ReadonlyMap<StreamNode, Chain>): JobEdge[] {
  const target = chainOf(node, chains);
  if (target.head !== node) return [];
  return node.edges.map(({ from, tag, input, partitioning }) => {
    const source = chainOf(from, chains);
    const operator = source.operators.indexOf(from);
    return {
      id: `${source.id}:${operator}:${tag ?? ''}->${target.id}:${input}`,
      source: source.id,
      operator,
      tag,
      target: target.id,
      input,
      partitioning,
      serializer: undefined,
    };
  });
}

/** A stream that is united with itself has two edges between the same ends. */
function uniqueEdges(edges: readonly JobEdge[]): JobEdge[] {
  const counts = new Map<string, number>();
  return edges.map((edge) => {
    const count = (counts.get(edge.id) ?? 0) + 1;
    counts.set(edge.id, count);
    return count === 1 ? edge : { ...edge, id: `${edge.id}#${count}` };
  });
}

function chainOf(node: StreamNode, chains: ReadonlyMap<StreamNode, Chain>): Chain {
  return present(chains.get(node), `Cannot find the chain of "${node.name}"`);
}

function checkEnds(nodes: readonly StreamNode[], name: string): void {
  if (!nodes.some(({ source }) => source !== undefined)) throw missingEnd(name, 'source');
  if (!nodes.some(({ isSink }) => isSink)) throw missingEnd(name, 'sink');
}

function missingEnd(name: string, what: 'source' | 'sink'): OnceproofError {
  const call = what === 'source' ? 'fromSource() or fromCollection()' : 'sinkTo()';
  return new OnceproofError('OP-E303', `Cannot run job "${name}": it has no ${what}`, {
    place: name,
    remedy: `Add one with ${call}`,
  });
}
