// The server side of HTTP on one life of a host. Each request that came with a ticket of this life
// is carried out once, however often it arrives; every other one is reset. Answers are kept until
// the client has them. Passive: the client is who sends again.

import type { Clock } from '../../engine/environment/clock.ts';
import { FileSystemError } from '../../engine/environment/filesystem.ts';
import type { HttpRequest, HttpResponse } from '../../engine/environment/http-client.ts';
import type { Address } from '../../engine/environment/network.ts';
import type { Random } from '../../engine/environment/random.ts';
import { type ClientSegment, encodeSegment, type ServerSegment } from './http-segment.ts';
import { type HttpService, refusalOf } from './http-service.ts';
import type { ServiceFaults } from './service-faults.ts';

export interface Served {
  readonly service: HttpService;
  readonly faults: ServiceFaults | undefined;
}

export interface HttpServerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly send: (to: Address, bytes: Uint8Array) => void;
  readonly expectContinuations: () => void;
}

/** Longer than any client asks after its answer. */
const KEEP_MS = 600_000;

interface Exchange {
  readonly ticket: string;
  readonly from: Address;
  readonly connection: string;
  readonly served: Served;
  readonly sinceMs: number;
  state: 'open' | 'running' | 'answered' | 'broken';
  answer: Uint8Array | undefined;
}

export class SimulatedHttpServer {
  readonly #options: HttpServerOptions;
  readonly #services = new Map<number | 'any', Served>();
  /** By ticket; the oldest first. */
  readonly #exchanges = new Map<string, Exchange>();
  readonly #tickets = new Map<string, string>();
  readonly #life: string;
  #count = 0;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    const dice = options.random.fork('tickets');
    this.#life = `${dice.below(2 ** 32).toString(16)}${dice.below(2 ** 32).toString(16)}`;
  }

  /** Replaces what served this port; `any` is every port that nobody else serves. */
  serve(port: number | 'any', served: Served): () => void {
    this.#services.set(port, served);
    return () => {
      if (this.#services.get(port) === served) this.#services.delete(port);
    };
  }

  receive(from: Address, segment: ClientSegment): void {
    if (segment.kind === 'open') {
      this.#open(from, segment.connection, segment.port);
      return;
    }
    const exchange = this.#exchanges.get(segment.ticket);
    if (segment.kind === 'close') this.#close(exchange);
    else if (exchange === undefined) this.#reset(from, segment.connection, segment.ticket);
    else if (segment.kind === 'request' && exchange.state === 'open') {
      this.#take(exchange, segment.request);
    } else this.#repeat(exchange);
  }

  #open(from: Address, connection: string, port: number): void {
    this.#forgetOld();
    const key = keyOf(from, connection);
    const known = this.#tickets.get(key);
    const served = this.#services.get(port) ?? this.#services.get('any');
    if (known !== undefined) {
      this.#say(from, { kind: 'opened', connection, ticket: known });
    } else if (served === undefined) {
      this.#reset(from, connection, '');
    } else {
      this.#count += 1;
      const ticket = `${this.#life}.${this.#count}`;
      const sinceMs = this.#options.clock.now();
      const state = 'open';
      const answer = undefined;
      const exchange: Exchange = { ticket, from, connection, served, sinceMs, state, answer };
      this.#exchanges.set(ticket, exchange);
      this.#tickets.set(key, ticket);
      this.#say(from, { kind: 'opened', connection, ticket });
    }
  }

  #take(exchange: Exchange, request: HttpRequest): void {
    exchange.state = 'running';
    this.#repeat(exchange);
    this.#options.expectContinuations();
    void this.#carryOut(exchange, request);
  }

  async #carryOut(exchange: Exchange, request: HttpRequest): Promise<void> {
    const { service, faults } = exchange.served;
    const effect = faults?.next();
    if (effect !== undefined && effect !== 'lost') {
      this.#finish(exchange, refusalOf(service, effect, request));
      return;
    }
    const isLost = effect === 'lost';
    const got = isLost ? (service.torn?.(request) ?? request) : request;
    const response = await answerOf(service, got);
    this.#finish(exchange, isLost ? undefined : response);
  }

  /** Undefined breaks the connection. */
  #finish(exchange: Exchange, response: HttpResponse | undefined): void {
    const { connection, ticket } = exchange;
    exchange.state = response === undefined ? 'broken' : 'answered';
    if (response !== undefined) {
      exchange.answer = encodeSegment({ kind: 'answer', connection, ticket, response });
    }
    if (this.#exchanges.has(ticket)) this.#repeat(exchange);
  }

  #repeat(exchange: Exchange): void {
    const { from, connection, ticket, state, answer } = exchange;
    if (answer !== undefined) this.#options.send(from, answer);
    else if (state === 'broken') this.#reset(from, connection, ticket);
    else if (state === 'running') this.#say(from, { kind: 'taken', connection, ticket });
  }

  #close(exchange: Exchange | undefined): void {
    if (exchange === undefined) return;
    this.#exchanges.delete(exchange.ticket);
    this.#tickets.delete(keyOf(exchange.from, exchange.connection));
  }

  #forgetOld(): void {
    const oldestMs = this.#options.clock.now() - KEEP_MS;
    for (const exchange of this.#exchanges.values()) {
      if (exchange.sinceMs >= oldestMs) return;
      this.#close(exchange);
    }
  }

  #reset(to: Address, connection: string, ticket: string): void {
    this.#say(to, { kind: 'reset', connection, ticket });
  }

  #say(to: Address, segment: ServerSegment): void {
    this.#options.send(to, encodeSegment(segment));
  }
}

async function answerOf(service: HttpService, request: HttpRequest): Promise<HttpResponse> {
  try {
    return await service.handle(request);
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    return refusalOf(service, 'server-error', request);
  }
}

function keyOf(from: Address, connection: string): string {
  return `${from}/${connection}`;
}
