// All producing ends of one task: wires each subpartition to the consumer's task, hands elements
// over inside a host and encodes them between hosts, and says whether there is room for more.

import { present } from '../../core/assert.ts';
import { buggify } from '../../core/buggify.ts';
import { executionAttemptId } from '../../core/ids.ts';
import type { JobEdge, JobGraph } from '../../graph/job-graph.ts';
import type { ChannelElement, CheckpointBarrier } from '../../stream/elements.ts';
import type { ActorRef } from '../actor/actor.ts';
import type { ActorSystem } from '../actor/actor-system.ts';
import { encodeElement } from '../channel/element-codec.ts';
import { CHANNEL_CREDIT } from '../channel/input-channel.ts';
import { ResultPartition } from '../channel/result-partition.ts';
import { Subpartition } from '../channel/subpartition.ts';
import type { OutputLocations, TaskDeployment, TaskLocation, ToTask } from '../messages.ts';
import type { OutputStatus } from '../status.ts';

export interface TaskOutputsOptions {
  readonly system: ActorSystem;
  readonly graph: JobGraph;
  readonly deployment: TaskDeployment;
  /** Room has become free after there was none, or everything has been sent. */
  readonly wakeUp: () => void;
}

/** In-flight data that an unaligned barrier overtook on one channel. */
export interface OvertakenChannel {
  readonly edge: JobEdge;
  readonly consumer: number;
  readonly elements: readonly ChannelElement[];
}

export class TaskOutputs {
  readonly partitions: readonly ResultPartition[];
  readonly #options: TaskOutputsOptions;
  readonly #opened = new Set<Subpartition>();
  #congested = 0;

  constructor(options: TaskOutputsOptions) {
    this.#options = options;
    this.partitions = options.deployment.outputs.map((output) => this.#partition(output));
  }

  get isAvailable(): boolean {
    return this.#congested === 0;
  }

  get recordsSent(): number {
    return this.partitions.reduce((sum, { recordsSent }) => sum + recordsSent, 0);
  }

  get isDrained(): boolean {
    return this.partitions.every((partition) => partition.isDrained);
  }

  get hasOpenBatch(): boolean {
    return this.partitions.some((partition) => partition.hasOpenBatch);
  }

  status(): readonly OutputStatus[] {
    return this.#options.deployment.outputs.flatMap(({ edge, peers }) =>
      peers.map((consumer) => {
        const subpartition = this.#find(edge, consumer.subtask);
        const { queuedElements: queued, status } = subpartition;
        return { edge, consumer, queued, ...status };
      }),
    );
  }

  /** The consumer is there and has room for its first elements. Asked more than once is fine. */
  openChannel(edge: string, consumer: number): void {
    const subpartition = this.#find(edge, consumer);
    if (this.#opened.has(subpartition)) return;
    this.#opened.add(subpartition);
    subpartition.grantCredit(CHANNEL_CREDIT);
  }

  grantCredit(edge: string, consumer: number, credit: number): void {
    this.#find(edge, consumer).grantCredit(credit);
    if (this.isDrained) this.#options.wakeUp();
  }

  restore(edge: string, consumer: number, elements: readonly ChannelElement[]): void {
    this.#find(edge, consumer).restore(elements);
  }

  emitEvent(event: ChannelElement): void {
    for (const partition of this.partitions) partition.emitEvent(event);
  }

  overtake(barrier: CheckpointBarrier): readonly OvertakenChannel[] {
    return this.partitions.flatMap((partition) =>
      partition.overtake(barrier).map((overtaken) => ({ edge: partition.edge, ...overtaken })),
    );
  }

  flush(): void {
    for (const partition of this.partitions) partition.flush();
  }

  #partition(output: OutputLocations): ResultPartition {
    const edge = edgeOf(this.#options.graph, output.edge);
    const subpartitions = new Map(
      output.peers.map((peer) => [peer.subtask, this.#subpartition(edge, peer)] as const),
    );
    return new ResultPartition(edge, subpartitions, {
      parallelism: output.consumerParallelism,
      maxParallelism: output.consumerMaxParallelism,
    });
  }

  #subpartition(edge: JobEdge, peer: TaskLocation): Subpartition {
    const { system, deployment } = this.#options;
    const consumer: ActorRef = { host: peer.host, name: peer.attempt };
    const local = system.isLocal(consumer);
    const asIs = (): boolean => local && !buggify('an element becomes bytes within a host');
    return new Subpartition({
      transmit: (sequence, element) => {
        const message: ToTask = {
          kind: 'channel-element',
          edge: edge.id,
          producer: deployment.subtask,
          sequence,
          element: asIs() ? element : encodeElement(element, edge.serializer),
        };
        system.send(consumer, message);
      },
      availabilityChanged: (available) => {
        this.#congested += available ? -1 : 1;
        if (this.#congested === 0) this.#options.wakeUp();
      },
    });
  }

  #find(edge: string, consumer: number): Subpartition {
    const partition = this.partitions.find((candidate) => candidate.edge.id === edge);
    return present(
      partition?.subpartitions.get(consumer),
      `Cannot find the channel to subtask ${consumer} of edge ${edge}`,
    );
  }
}

export function edgeOf(graph: JobGraph, id: string): JobEdge {
  return present(
    graph.edges.find((edge) => edge.id === id),
    `Cannot find edge ${id}`,
  );
}

/** The actor that runs an attempt has the attempt's name. */
export function taskRef(location: TaskLocation): ActorRef {
  return { host: location.host, name: executionAttemptId(location.attempt) };
}
