// Reliability above the weak network, once for everything: control messages and data alike. To each
// peer there is one connection: messages arrive in order, once, or the connection is lost and both
// ends are told. A restarted host never receives what was sent into a connection of its earlier
// life; what waits for a first connection goes to whoever answers.

import type { Environment } from '../../environment/environment.ts';
import type { Address } from '../../environment/network.ts';
import type { Random } from '../../environment/random.ts';
import { Connection, type ConnectionEvents } from './connection.ts';
import type { ConnectionStatus } from './connection-status.ts';
import { decodePacket, encodePacket, packet } from './packet.ts';
import { DEFAULT_TRANSPORT_CONFIG, type TransportConfig } from './transport-config.ts';

export class Transport {
  readonly #environment: Environment;
  readonly #config: TransportConfig;
  readonly #events: ConnectionEvents;
  readonly #connections = new Map<Address, Connection>();
  readonly #ids: Random;

  constructor(
    environment: Environment,
    config: Partial<TransportConfig>,
    events: ConnectionEvents,
  ) {
    this.#environment = environment;
    this.#config = { ...DEFAULT_TRANSPORT_CONFIG, ...config };
    this.#events = events;
    this.#ids = environment.random.fork('transport');
    environment.network.listen((from, bytes) => this.#receive(from, bytes));
  }

  send(to: Address, bytes: Uint8Array): void {
    this.#connection(to).send(bytes);
  }

  /** Without a connection: may be lost, repeated or reordered. */
  sendDatagram(to: Address, payload: Uint8Array): void {
    this.#environment.network.send(to, encodePacket(packet('datagram', { payload })));
  }

  status(): readonly ConnectionStatus[] {
    return [...this.#connections.values()].map((connection) => connection.status());
  }

  disconnect(peer: Address): void {
    this.#connections.get(peer)?.lose();
  }

  #receive(from: Address, bytes: Uint8Array): void {
    const received = decodePacket(bytes);
    if (received === undefined) return;
    if (received.kind === 'datagram') this.#events.deliver(from, received.payload);
    else this.#connection(from).receive(received);
  }

  #connection(peer: Address): Connection {
    let connection = this.#connections.get(peer);
    if (connection === undefined) {
      connection = new Connection({
        environment: this.#environment,
        peer,
        config: this.#config,
        events: this.#events,
        ids: this.#ids.fork(peer),
      });
      this.#connections.set(peer, connection);
    }
    return connection;
  }
}
