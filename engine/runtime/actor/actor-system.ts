// The actors of one host: delivers mails one at a time, in order of posting, never re-entrantly.
// A message to an actor of the same host is handed over as it is; to another host it becomes bytes.
// Messages to an actor that does not exist (any more) are dropped: attempts are fenced by name.

import { assert } from '../../core/assert.ts';
import { buggify } from '../../core/buggify.ts';
import type { Timer } from '../../environment/clock.ts';
import type { Environment } from '../../environment/environment.ts';
import type { Address } from '../../environment/network.ts';
import type { ConnectionStatus } from '../transport/connection-status.ts';
import { Transport } from '../transport/transport.ts';
import type { TransportConfig } from '../transport/transport-config.ts';
import type { Actor, ActorRef } from './actor.ts';
import { decodeEnvelope, encodeEnvelope } from './envelope.ts';

export interface ActorSystemOptions {
  readonly environment: Environment;
  /** Mails handled before other events of the process get a turn. Default 64. */
  readonly mailsPerTurn?: number;
  readonly transport?: Partial<TransportConfig>;
}

interface PostedMail {
  readonly to: string;
  readonly mail: unknown;
}

export class ActorSystem {
  readonly environment: Environment;
  readonly #actors = new Map<string, Actor>();
  readonly #resetListeners = new Map<string, (peer: Address) => void>();
  readonly #transport: Transport;
  readonly #mailsPerTurn: number;
  #queue: PostedMail[] = [];
  #head = 0;
  #scheduled = false;
  #pendingIo = 0;

  constructor(options: ActorSystemOptions) {
    this.environment = options.environment;
    this.#mailsPerTurn = options.mailsPerTurn ?? 64;
    this.#transport = new Transport(options.environment, options.transport ?? {}, {
      deliver: (_from, bytes) => this.#deliver(bytes),
      connectionLost: (peer) => this.#connectionLost(peer),
    });
  }

  get host(): Address {
    return this.environment.network.local;
  }

  spawn(name: string, actor: Actor): ActorRef {
    assert(!this.#actors.has(name), `Cannot spawn actor "${name}": the name is taken`);
    this.#actors.set(name, actor);
    return { host: this.host, name };
  }

  /** Mails already posted to it are dropped. */
  stop(name: string): void {
    this.#actors.delete(name);
    this.#resetListeners.delete(name);
  }

  has(name: string): boolean {
    return this.#actors.has(name);
  }

  isLocal(ref: ActorRef): boolean {
    return ref.host === this.host;
  }

  /** Calls `listener`, as a mail of that actor, when messages to or from a peer may be lost. */
  onConnectionLost(name: string, listener: (peer: Address) => void): void {
    this.#resetListeners.set(name, listener);
  }

  /**
   * Reliable and in order as long as the connection lasts: when it is lost, both sides are told.
   * `message` is plain data and must not be changed later.
   */
  send(to: ActorRef, message: unknown): void {
    if (to.host === this.host) this.post(to.name, message);
    else this.#transport.send(to.host, encodeEnvelope(to.name, message));
  }

  /** May be lost, repeated or reordered: for heartbeats, where only the newest matters. */
  sendUnreliable(to: ActorRef, message: unknown): void {
    if (to.host === this.host) this.post(to.name, message);
    else this.#transport.sendDatagram(to.host, encodeEnvelope(to.name, message));
  }

  post(name: string, mail: unknown): void {
    this.#queue.push({ to: name, mail });
    this.#scheduleTurn();
  }

  schedule(delayMs: number, name: string, mail: unknown): Timer {
    return this.environment.clock.schedule(delayMs, () => this.post(name, mail));
  }

  /** Posts what `toMail` makes of the outcome of `operation`. The only way from I/O to an actor. */
  io<T>(name: string, operation: () => Promise<T>, toMail: (outcome: Outcome<T>) => unknown): void {
    const settled = (outcome: Outcome<T>): void => {
      this.#pendingIo--;
      this.post(name, toMail(outcome));
    };
    this.#pendingIo++;
    this.environment.expectContinuations();
    started(operation).then(
      (value) => settled({ kind: 'done', value }),
      (cause: unknown) => settled({ kind: 'failed', cause }),
    );
  }

  /** Of its connections to peers. */
  connections(): readonly ConnectionStatus[] {
    return this.#transport.status();
  }

  /** Forgets a peer's connection, so that the next message opens a new one. Both sides are told. */
  disconnect(peer: Address): void {
    this.#transport.disconnect(peer);
  }

  #deliver(bytes: Uint8Array): void {
    const { to, message } = decodeEnvelope(bytes);
    this.post(to, message);
  }

  #connectionLost(peer: Address): void {
    for (const [name, listener] of this.#resetListeners) {
      this.post(name, { kind: 'call', run: () => listener(peer) });
    }
  }

  #scheduleTurn(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.environment.clock.schedule(0, () => this.#turn());
  }

  #turn(): void {
    this.#scheduled = false;
    const mails = buggify('a turn is over after one mail') ? 1 : this.#mailsPerTurn;
    for (let handled = 0; handled < mails; handled++) {
      const next = this.#queue[this.#head];
      if (next === undefined) break;
      this.#head++;
      this.#compact();
      this.#actors.get(next.to)?.receive(next.mail);
      // What the actor has just done may be what an operation under way was waiting for.
      if (this.#pendingIo > 0) this.environment.expectContinuations();
    }
    if (this.#head < this.#queue.length) this.#scheduleTurn();
  }

  // Handled mails are cut off in large pieces: shifting one at a time would be quadratic.
  #compact(): void {
    if (this.#head < 1024 && this.#head < this.#queue.length) return;
    this.#queue = this.#queue.slice(this.#head);
    this.#head = 0;
  }
}

/** What throws before there is a promise fails like what rejects. */
function started<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return operation();
  } catch (cause) {
    return Promise.reject(cause);
  }
}

export type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'failed'; readonly cause: unknown };

/** A mail that is a piece of the actor's own code: timers and continuations of its I/O. */
export interface CallMail {
  readonly kind: 'call';
  readonly run: () => void;
}
