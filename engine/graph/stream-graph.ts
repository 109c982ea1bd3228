// The transformations of a program as nodes and edges: annotations resolved, names made unique, ids
// given, bounds checked. One step short of a JobGraph: nothing is chained yet.

import { OnceproofError } from '../core/errors.ts';
import type { OperatorId } from '../core/ids.ts';
import type { Source } from '../connector/source.ts';
import type { OperatorFactory } from '../operator/stream-operator.ts';
import { defaultMaxParallelism } from '../state/key-groups.ts';
import type { TypeSerializer } from '../stream/type-serializer.ts';
import { checkInteger } from './config-check.ts';
import type { Partitioning } from './job-graph.ts';
import { OperatorIds } from './operator-ids.ts';
import type {
  OperatorTransformation,
  PhysicalTransformation,
  SourceTransformation,
  Transformation,
} from './transformation.ts';

/** As many as key groups can be told apart by: engine/state/key-groups.ts. */
const MAX_PARALLELISM_LIMIT = 32_768;

export interface StreamNode {
  readonly id: OperatorId;
  readonly uid: string | undefined;
  readonly name: string;
  readonly parallelism: number;
  readonly maxParallelism: number;
  readonly maxParallelismConfigured: boolean;
  /** May be called plainly by the operator before it; may call the ones after it plainly. */
  readonly chainsBefore: boolean;
  readonly chainsAfter: boolean;
  readonly source: Source<unknown> | undefined;
  /** Undefined for sources. */
  readonly factory: OperatorFactory | undefined;
  readonly keyed: boolean;
  readonly keySerializer: TypeSerializer<unknown> | undefined;
  readonly isSink: boolean;
  readonly inputCount: number;
  readonly edges: readonly StreamEdge[];
}

/** Into a node. */
export interface StreamEdge {
  readonly from: StreamNode;
  readonly tag: string | undefined;
  readonly input: number;
  readonly partitioning: Partitioning;
}

export interface StreamGraphDefaults {
  readonly parallelism: number;
  readonly maxParallelism: number | undefined;
}

interface Upstream {
  readonly transformation: PhysicalTransformation;
  readonly tag: string | undefined;
  readonly partitioning: Partitioning | undefined;
}

type Draft = Pick<
  StreamNode,
  | 'id'
  | 'uid'
  | 'name'
  | 'source'
  | 'factory'
  | 'edges'
  | 'inputCount'
  | 'chainsBefore'
  | 'chainsAfter'
> & { readonly transformation: PhysicalTransformation };

/** `transformations`: in the order they were made, so that inputs come first. */
export function buildStreamGraph(
  transformations: readonly PhysicalTransformation[],
  defaults: StreamGraphDefaults,
): readonly StreamNode[] {
  return new StreamGraphBuilder(defaults).build(transformations);
}

class StreamGraphBuilder {
  readonly #defaults: StreamGraphDefaults;
  readonly #ids = new OperatorIds();
  readonly #names = new Map<string, number>();
  /** The node whose output is the transformation's. */
  readonly #nodes = new Map<PhysicalTransformation, StreamNode>();
  readonly #all: StreamNode[] = [];

  constructor(defaults: StreamGraphDefaults) {
    this.#defaults = defaults;
  }

  build(transformations: readonly PhysicalTransformation[]): readonly StreamNode[] {
    for (const transformation of transformations) {
      if (transformation.kind === 'source') this.#addSource(transformation);
      else this.#addOperator(transformation);
    }
    return this.#all;
  }

  #addSource(transformation: SourceTransformation): void {
    const { source, watermarks, settings } = transformation;
    const name = this.#uniqueName(settings.name ?? source.name);
    const node = this.#add({
      id: this.#ids.next({ uid: settings.uid, name, kind: `source ${source.name}`, inputs: [] }),
      uid: settings.uid,
      name,
      transformation,
      source,
      factory: undefined,
      inputCount: 0,
      edges: [],
      chainsBefore: false,
      // The operator that belongs to a source stays with it, whatever the next one may do.
      chainsAfter: watermarks !== undefined || settings.chaining !== 'never',
    });
    this.#nodes.set(transformation, node);
    if (watermarks !== undefined) this.#addWatermarks(transformation, node, watermarks);
  }

  #addWatermarks(
    transformation: SourceTransformation,
    source: StreamNode,
    factory: OperatorFactory,
  ): void {
    const name = this.#uniqueName(`${source.name} ${factory.kind}`);
    const uid = source.uid === undefined ? undefined : `${source.uid}/${factory.kind}`;
    const partitioning = { kind: 'forward' } as const;
    const node = this.#add({
      id: this.#ids.next({ uid, name, kind: factory.kind, inputs: [source.id] }),
      uid,
      name,
      transformation,
      source: undefined,
      factory,
      inputCount: 1,
      edges: [{ from: source, tag: undefined, input: 0, partitioning }],
      chainsBefore: true,
      chainsAfter: transformation.settings.chaining !== 'never',
    });
    this.#nodes.set(transformation, node);
  }

  #addOperator(transformation: OperatorTransformation): void {
    const { factory, inputs, settings } = transformation;
    const name = this.#uniqueName(settings.name ?? factory.kind);
    const parallelism = this.#parallelismOf(transformation, name);
    const edges = inputs.flatMap((input, number) =>
      resolve(input).map((upstream) => this.#edge(upstream, { number, name, parallelism })),
    );
    const signature = edges.map(
      ({ from, tag, input, partitioning }) =>
        `${from.id}:${tag ?? ''}:${partitioning.kind}:${input}`,
    );
    const { uid } = settings;
    const node = this.#add({
      id: this.#ids.next({ uid, name, kind: factory.kind, inputs: signature }),
      uid,
      name,
      transformation,
      source: undefined,
      factory,
      inputCount: inputs.length,
      edges,
      chainsBefore: settings.chaining === 'always',
      chainsAfter: settings.chaining !== 'never',
    });
    this.#nodes.set(transformation, node);
  }

  #edge(
    upstream: Upstream,
    target: { readonly number: number; readonly name: string; readonly parallelism: number },
  ): StreamEdge {
    const from = this.#nodes.get(upstream.transformation);
    if (from === undefined) throw foreignInput(target.name);
    const isSameParallelism = from.parallelism === target.parallelism;
    const fallback = { kind: isSameParallelism ? 'forward' : 'rebalance' } as const;
    const partitioning = upstream.partitioning ?? fallback;
    if (partitioning.kind === 'forward' && !isSameParallelism) {
      throw unevenForward(from, target);
    }
    return { from, tag: upstream.tag, input: target.number, partitioning };
  }

  #add(draft: Draft): StreamNode {
    const { transformation, ...rest } = draft;
    const { settings } = transformation;
    const isOperator = transformation.kind === 'operator';
    const configured = settings.maxParallelism ?? this.#defaults.maxParallelism;
    const parallelism = this.#parallelismOf(transformation, draft.name);
    const node: StreamNode = {
      ...rest,
      parallelism,
      maxParallelism: checkedMaxParallelism(draft.name, parallelism, configured),
      maxParallelismConfigured: configured !== undefined,
      keyed: isOperator && transformation.keyed,
      keySerializer: isOperator ? transformation.keySerializer : undefined,
      isSink: isOperator && transformation.isSink,
    };
    this.#all.push(node);
    return node;
  }

  #parallelismOf({ settings }: PhysicalTransformation, name: string): number {
    const value = settings.parallelism ?? this.#defaults.parallelism;
    return checkInteger({
      key: `parallelism of "${name}"`,
      value,
      min: 1,
      max: MAX_PARALLELISM_LIMIT,
    });
  }

  #uniqueName(wanted: string): string {
    const count = (this.#names.get(wanted) ?? 0) + 1;
    this.#names.set(wanted, count);
    return count === 1 ? wanted : this.#uniqueName(`${wanted}-${count}`);
  }
}

/** The annotation nearest to the consumer wins: `keyBy().rebalance()` rebalances. */
function resolve(transformation: Transformation, partitioning?: Partitioning): Upstream[] {
  switch (transformation.kind) {
    case 'partition':
      return resolve(transformation.input, partitioning ?? transformation.partitioning);
    case 'union':
      return transformation.inputs.flatMap((input) => resolve(input, partitioning));
    case 'side-output':
      return [{ transformation: transformation.input, tag: transformation.tag, partitioning }];
    default:
      return [{ transformation, tag: undefined, partitioning }];
  }
}

function checkedMaxParallelism(
  name: string,
  parallelism: number,
  configured: number | undefined,
): number {
  if (configured === undefined) return defaultMaxParallelism(parallelism);
  const key = `maxParallelism of "${name}"`;
  checkInteger({ key, value: configured, min: 1, max: MAX_PARALLELISM_LIMIT });
  if (parallelism <= configured) return configured;
  throw new OnceproofError(
    'OP-E310',
    `Cannot run "${name}" with parallelism ${parallelism}: its maxParallelism is ${configured}`,
    { place: name, remedy: 'Lower the parallelism, or raise maxParallelism and start afresh' },
  );
}

function unevenForward(
  from: StreamNode,
  target: { readonly name: string; readonly parallelism: number },
): OnceproofError {
  return new OnceproofError(
    'OP-E316',
    `Cannot forward from "${from.name}" with parallelism ${from.parallelism} ` +
      `to "${target.name}" with parallelism ${target.parallelism}`,
    { place: target.name, remedy: 'Use rebalance() or rescale(), or make the parallelism equal' },
  );
}

function foreignInput(name: string): OnceproofError {
  return new OnceproofError('OP-E305', `Cannot connect "${name}": its input is of another job`, {
    place: name,
    remedy: 'Connect streams of one StreamExecutionEnvironment only',
  });
}
