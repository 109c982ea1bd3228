// All consuming ends of one task: takes arriving elements, hands them out one at a time, fair among
// channels that are ready, and returns credit to the producers.

import { assert, present } from '../../core/assert.ts';
import { buggify } from '../../core/buggify.ts';
import { OnceproofError } from '../../core/errors.ts';
import type { Address } from '../../environment/network.ts';
import type { JobGraph } from '../../graph/job-graph.ts';
import type { ChannelElement } from '../../stream/elements.ts';
import type { ActorSystem } from '../actor/actor-system.ts';
import { decodeElement } from '../channel/element-codec.ts';
import { CHANNEL_CREDIT, InputChannel } from '../channel/input-channel.ts';
import type { EdgeLocations, TaskDeployment, TaskLocation, ToTask } from '../messages.ts';
import type { InputStatus } from '../status.ts';
import { edgeOf, taskRef } from './task-outputs.ts';

export interface InputGateOptions {
  readonly system: ActorSystem;
  readonly graph: JobGraph;
  readonly deployment: TaskDeployment;
}

/** Where the element that poll() gave came from. */
export interface Polled {
  readonly channel: number;
  readonly element: ChannelElement;
}

interface Producer {
  readonly location: TaskLocation;
  opened: boolean;
  owedCredit: number;
}

export class InputGate {
  readonly channels: readonly InputChannel[];
  readonly #options: InputGateOptions;
  readonly #producers: Producer[] = [];
  readonly #index = new Map<string, number>();
  #next = 0;

  constructor(options: InputGateOptions) {
    this.#options = options;
    this.channels = options.deployment.inputs.flatMap((input) => this.#channelsOf(input));
  }

  get graph(): JobGraph {
    return this.#options.graph;
  }

  /** Something is still to come from there. */
  awaits(host: Address): boolean {
    return this.#producers.some(
      ({ location }, index) => location.host === host && !this.#channel(index).ended,
    );
  }

  status(): readonly InputStatus[] {
    return this.#producers.map(({ location, opened, owedCredit }, index) => {
      const channel = this.#channel(index);
      return {
        edge: channel.identity.edge,
        producer: location,
        isOpen: opened,
        received: channel.received,
        queued: channel.queuedElements,
        isBlocked: channel.blocked,
        hasEnded: channel.ended,
        owedCredit,
      };
    });
  }

  get hasEnded(): boolean {
    return this.channels.every(({ ended }) => ended);
  }

  /** Asks the producers that have not answered for data. False once all have. */
  requestChannels(): boolean {
    let missing = false;
    for (const [index, producer] of this.#producers.entries()) {
      if (producer.opened) continue;
      missing = true;
      const { edge, consumer } = this.#channel(index).identity;
      this.#send(producer, { kind: 'open-channel', edge, consumer });
    }
    return missing;
  }

  channelOpened(edge: string, producer: number): void {
    const index = this.#index.get(keyOf(edge, producer));
    if (index !== undefined) this.#producer(index).opened = true;
  }

  /** Throws if an element before this one is missing. */
  receive(message: Extract<ToTask, { kind: 'channel-element' }>): Polled {
    const { edge, producer, sequence, element: raw } = message;
    const index = this.#indexOf(edge, producer);
    const { serializer } = edgeOf(this.#options.graph, edge);
    const element = raw instanceof Uint8Array ? decodeElement(raw, serializer) : raw;
    if (!this.#channel(index).add(sequence, element)) {
      throw new OnceproofError('OP-E601', `Channel from subtask ${producer} of ${edge} is broken`, {
        place: this.#options.deployment.attempt,
        remedy: 'None needed: the task is restarted from the latest checkpoint',
      });
    }
    return { channel: index, element };
  }

  poll(): Polled | undefined {
    const count = this.channels.length;
    for (let tried = 0; tried < count; tried++) {
      const index = (this.#next + tried) % count;
      const channel = this.#channel(index);
      if (!channel.isReady) continue;
      this.#next = (index + 1) % count;
      const element = present(channel.poll(), 'Cannot poll a ready channel');
      const frees = channel.freesCredit(element);
      // Behind the end nothing comes, and the producer may be gone, its host too.
      if (frees && element.kind !== 'end-of-partition') this.creditFreed(index);
      return { channel: index, element };
    }
    return undefined;
  }

  /** A place became free. Credit goes back in portions, so that it costs few messages. */
  creditFreed(index: number): void {
    const producer = this.#producer(index);
    producer.owedCredit++;
    const portion = buggify('credit goes back for a single element') ? 1 : CHANNEL_CREDIT / 4;
    if (producer.owedCredit >= portion) this.#payCredit(index);
  }

  /** Index of the channel from a producer, for restoring its in-flight data. */
  indexOf(edge: string, producer: number): number {
    return this.#indexOf(edge, producer);
  }

  #payCredit(index: number): void {
    const producer = this.#producer(index);
    const { edge, consumer } = this.#channel(index).identity;
    const credit = producer.owedCredit;
    producer.owedCredit = 0;
    this.#send(producer, { kind: 'grant-credit', edge, consumer, credit });
  }

  #send(producer: Producer, message: ToTask): void {
    this.#options.system.send(taskRef(producer.location), message);
  }

  #channelsOf({ edge, peers }: EdgeLocations): InputChannel[] {
    const { input } = edgeOf(this.#options.graph, edge);
    const consumer = this.#options.deployment.subtask;
    return peers.map((location) => {
      this.#index.set(keyOf(edge, location.subtask), this.#producers.length);
      this.#producers.push({ location, opened: false, owedCredit: 0 });
      return new InputChannel({ edge, producer: location.subtask, consumer, input });
    });
  }

  #indexOf(edge: string, producer: number): number {
    const index = this.#index.get(keyOf(edge, producer));
    assert(index !== undefined, `Cannot find the channel from subtask ${producer} of ${edge}`);
    return index;
  }

  #channel(index: number): InputChannel {
    return present(this.channels[index], `Cannot find channel ${index}`);
  }

  #producer(index: number): Producer {
    return present(this.#producers[index], `Cannot find producer ${index}`);
  }
}

function keyOf(edge: string, producer: number): string {
  return `${edge}/${producer}`;
}
