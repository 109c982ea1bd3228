// The network of a world: links with latency, rules that lose, repeat, delay, and partitions. A
// message belongs to the incarnation of the receiver that was up when it was sent, and is lost with
// it. Links are in order unless a rule says otherwise. Not modeled: bandwidth, altered bytes, MTU.

import { assert, unreachable } from '../engine/core/assert.ts';
import type { Address, Network } from '../engine/environment/network.ts';
import type { Random } from '../engine/environment/random.ts';
import { hashBytes } from './hash.ts';
import { KernelEvent, type Owner } from './kernel/event.ts';
import type { Kernel } from './kernel/kernel.ts';
import type { Packet, Rule, Verdict } from './network-rules.ts';

export type Receive = (from: Address, bytes: Uint8Array) => void;

/** One incarnation of a host, as the network sees it. */
export interface Endpoint extends Owner {
  readonly address: Address;
  receive: Receive | undefined;
  /** Of what travels below HTTP: the host's own machinery, not its program's. */
  receiveSegment?: Receive;
}

/** What became of the messages so far. A duplicated message is sent once and delivered twice. */
export interface NetworkCounts {
  sent: number;
  delivered: number;
  droppedByRule: number;
  droppedByPartition: number;
  /** The receiver was down, or did not listen. What died in flight with it is not counted. */
  lostAtReceiver: number;
  duplicated: number;
  delayed: number;
  altered: number;
}

export interface NetworkOptions {
  readonly kernel: Kernel;
  readonly random: Random;
  /** The incarnation that is up at an address, if any. */
  readonly endpointAt: (address: Address) => Endpoint | undefined;
  /** Says in recordings what a message is; not asked unless something is recorded. */
  readonly describe?: (bytes: Uint8Array) => string;
}

/** Two kinds of traffic share the links: what programs send, and the segments below HTTP. */
interface Channel {
  readonly label: string;
  readonly describe: ((bytes: Uint8Array) => string) | undefined;
  readonly receiverAt: (endpoint: Endpoint) => Receive | undefined;
}

/** One-way latencies in milliseconds, each as likely as the others: mostly quick, a tail. */
const DEFAULT_LATENCIES_MS: readonly number[] = [1, 1, 1, 1, 1, 2, 2, 2, 3, 5];
const LOOPBACK_LATENCIES_MS: readonly number[] = [0];

interface Link {
  readonly from: Address;
  readonly to: Address;
  readonly dice: Random;
  latenciesMs: readonly number[];
  /** Partitions that cut this link at present; they may overlap. */
  cutCount: number;
  lastArrivalMs: number;
  /** Messages lost since one arrived, and when the first of them was. */
  lostInARow: number;
  lostSinceMs: number;
}

/** How a link treats what is sent, seen from outside. */
export interface LinkStatus {
  readonly from: Address;
  readonly to: Address;
  readonly isCut: boolean;
  /** Messages lost since one arrived. */
  readonly lostInARow: number;
  readonly lostSinceMs: number;
}

export class SimulatedNetwork {
  readonly counts: NetworkCounts = {
    sent: 0,
    delivered: 0,
    droppedByRule: 0,
    droppedByPartition: 0,
    lostAtReceiver: 0,
    duplicated: 0,
    delayed: 0,
    altered: 0,
  };
  /**
   * What arrived below HTTP after its sender's process had died, as described: nobody is left who
   * could undo what it did.
   */
  readonly posthumous: { readonly atMs: number; readonly text: string }[] = [];
  readonly #kernel: Kernel;
  readonly #random: Random;
  readonly #endpointAt: (address: Address) => Endpoint | undefined;
  readonly #messages: Channel;
  readonly #links = new Map<Address, Map<Address, Link>>();
  #rules: readonly Rule[] = [];

  constructor(options: NetworkOptions) {
    this.#kernel = options.kernel;
    this.#random = options.random;
    this.#endpointAt = options.endpointAt;
    this.#messages = {
      label: 'message',
      describe: options.describe,
      receiverAt: ({ receive }) => receive,
    };
  }

  /** The network as `endpoint` sees it; dead with it. */
  attach(endpoint: Endpoint): Network {
    return {
      local: endpoint.address,
      send: (to, bytes) => {
        if (endpoint.isAlive) this.#send(endpoint, to, this.#messages, bytes);
      },
      listen: (receive) => {
        endpoint.receive = receive;
      },
    };
  }

  /** The same links for segments below HTTP, apart from what the host's program sends. */
  attachSegments(endpoint: Endpoint, describe: (bytes: Uint8Array) => string): Network {
    const segments: Channel = {
      label: 'http',
      describe,
      receiverAt: ({ receiveSegment }) => receiveSegment,
    };
    return {
      local: endpoint.address,
      send: (to, bytes) => {
        if (endpoint.isAlive) this.#send(endpoint, to, segments, bytes);
      },
      listen: (receive) => {
        endpoint.receiveSegment = receive;
      },
    };
  }

  /** Adds a rule behind the present ones; returns how to take it away again. */
  addRule(rule: Rule): () => void {
    this.#rules = [...this.#rules, rule];
    return () => {
      this.#rules = this.#rules.filter((present) => present !== rule);
    };
  }

  /** Every latency of the table is equally likely from now on. */
  setLatencies(from: Address, to: Address, latenciesMs: readonly number[]): void {
    assert(latenciesMs.length > 0, `Cannot give the link to "${to}" no latency at all`);
    this.#linkOf(from, to).latenciesMs = latenciesMs;
  }

  /**
   * Cuts one direction: what is sent, and what is under way, is lost. Returns how to heal this cut;
   * the link works again when all of its cuts are healed.
   */
  cut(from: Address, to: Address): () => void {
    const link = this.#linkOf(from, to);
    link.cutCount += 1;
    let isHealed = false;
    return () => {
      if (!isHealed) link.cutCount -= 1;
      isHealed = true;
    };
  }

  /** Of every link that was used. */
  links(): readonly LinkStatus[] {
    return [...this.#links.values()].flatMap((outgoing) =>
      [...outgoing.values()].map(({ from, to, cutCount, lostInARow, lostSinceMs }) => {
        return { from, to, isCut: cutCount > 0, lostInARow, lostSinceMs };
      }),
    );
  }

  #send(from: Endpoint, to: Address, channel: Channel, bytes: Uint8Array): void {
    const link = this.#linkOf(from.address, to);
    this.counts.sent += 1;
    if (link.cutCount > 0) {
      this.counts.droppedByPartition += 1;
      this.#lose(link);
      return;
    }
    const packet: Packet = {
      from: link.from,
      to: link.to,
      bytes,
      isSegment: channel !== this.#messages,
      atMs: this.#kernel.nowMs,
    };
    const flight = newFlight(this.#drawLatency(link));
    // All rules are asked, even about a lost message: each keeps its own dice in step.
    for (const rule of this.#rules) obey(rule(packet), flight);
    if (flight.isLost) {
      this.counts.droppedByRule += 1;
      this.#lose(link);
    } else this.#launch({ link, sender: from, channel, bytes }, flight);
  }

  #launch(cargo: Cargo, flight: Flight): void {
    const { link } = cargo;
    const { nowMs } = this.#kernel;
    const inOrderMs = Math.max(nowMs + flight.latencyMs, link.lastArrivalMs);
    if (flight.overtakenMs === 0) link.lastArrivalMs = inOrderMs;
    else this.counts.delayed += 1;
    if (flight.alteredBits.length > 0) this.counts.altered += 1;
    const delayMs = inOrderMs + flight.overtakenMs - nowMs;
    this.#transmit(cargo, delayMs, flight);
    if (flight.copyAfterMs < 0) return;
    this.counts.duplicated += 1;
    this.#transmit(cargo, delayMs + flight.copyAfterMs, flight);
  }

  #transmit({ link, sender, channel, bytes }: Cargo, delayMs: number, flight: Flight): void {
    const receiver = this.#endpointAt(link.to);
    if (receiver === undefined) {
      this.counts.lostAtReceiver += 1;
      this.#lose(link);
      return;
    }
    // A copy, as on a wire: a sender that goes on writing into its buffer must not be heard.
    const copy = { link, sender, channel, bytes: altered(bytes, flight.alteredBits) };
    const event = new KernelEvent(receiver, 'message', channel.label, () => {
      this.#arrive(copy, receiver);
    });
    event.from = link.from;
    if (this.#kernel.trace.isRecording) event.text = channel.describe?.(copy.bytes) ?? '';
    event.weight = hashBytes(copy.bytes);
    this.#kernel.enqueue(delayMs, event);
  }

  #arrive({ link, sender, channel, bytes }: Cargo, receiver: Endpoint): void {
    const receive = channel.receiverAt(receiver);
    if (link.cutCount > 0) {
      this.counts.droppedByPartition += 1;
      this.#lose(link);
    } else if (receive === undefined) {
      this.counts.lostAtReceiver += 1;
      this.#lose(link);
    } else {
      this.counts.delivered += 1;
      link.lostInARow = 0;
      if (channel !== this.#messages && !sender.isAlive) {
        const text = channel.describe?.(bytes) ?? '';
        this.posthumous.push({ atMs: this.#kernel.nowMs, text });
      }
      receive(link.from, bytes);
    }
  }

  #lose(link: Link): void {
    if (link.lostInARow === 0) link.lostSinceMs = this.#kernel.nowMs;
    link.lostInARow += 1;
  }

  #drawLatency(link: Link): number {
    const { latenciesMs, dice } = link;
    if (latenciesMs.length === 1) return latenciesMs[0] ?? 0;
    return latenciesMs[dice.below(latenciesMs.length)] ?? 0;
  }

  #linkOf(from: Address, to: Address): Link {
    let outgoing = this.#links.get(from);
    if (outgoing === undefined) {
      outgoing = new Map();
      this.#links.set(from, outgoing);
    }
    let link = outgoing.get(to);
    if (link === undefined) {
      link = {
        from,
        to,
        dice: this.#random.fork(`link/${from}/${to}`),
        latenciesMs: from === to ? LOOPBACK_LATENCIES_MS : DEFAULT_LATENCIES_MS,
        cutCount: 0,
        lastArrivalMs: 0,
        lostInARow: 0,
        lostSinceMs: 0,
      };
      outgoing.set(to, link);
    }
    return link;
  }
}

/** One message on its way. */
interface Cargo {
  readonly link: Link;
  readonly sender: Endpoint;
  readonly channel: Channel;
  readonly bytes: Uint8Array;
}

/** What the rules make of one message. */
interface Flight {
  isLost: boolean;
  latencyMs: number;
  overtakenMs: number;
  /** Negative where there is no copy. */
  copyAfterMs: number;
  alteredBits: readonly number[];
}

const UNALTERED: readonly number[] = [];

function newFlight(latencyMs: number): Flight {
  return { isLost: false, latencyMs, overtakenMs: 0, copyAfterMs: -1, alteredBits: UNALTERED };
}

function obey(verdict: Verdict, flight: Flight): void {
  switch (verdict.kind) {
    case 'pass':
      return;
    case 'drop':
      flight.isLost = true;
      return;
    case 'delay':
      flight.overtakenMs += verdict.byMs;
      return;
    case 'slow':
      flight.latencyMs += verdict.byMs;
      return;
    case 'duplicate':
      flight.copyAfterMs = verdict.afterMs;
      return;
    case 'alter':
      flight.alteredBits = [...flight.alteredBits, ...verdict.bits];
      return;
    default:
      unreachable(verdict);
  }
}

/** A copy, with the bits turned over. */
function altered(bytes: Uint8Array, bits: readonly number[]): Uint8Array {
  const copy = new Uint8Array(bytes);
  for (const bit of bits) copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}
