// HTTP requests over the links of a world, which lose, repeat and reorder. Behaves like a client
// over TCP: it sends again until it is answered or the time is up, a request is carried out at most
// once in one life of the server, and a server that restarted meanwhile resets it. Plain http only.

import {
  HTTP_CONNECT_TIMEOUT_MS,
  HTTP_TIMEOUT_MS,
  type HttpClient,
  HttpError,
  type HttpFailure,
  type HttpRequest,
  type HttpResponse,
} from '../../engine/environment/http-client.ts';
import type { Clock, Timer } from '../../engine/environment/clock.ts';
import { type Address, address } from '../../engine/environment/network.ts';
import type { Random } from '../../engine/environment/random.ts';
import { type ClientSegment, encodeSegment, type ServerSegment } from './http-segment.ts';

export interface HttpClientOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly send: (to: Address, bytes: Uint8Array) => void;
  /** Promises are about to be settled outside of the kernel's hands. */
  readonly expectContinuations: () => void;
  /** Says that somebody waits, until the function that it returns is called. */
  readonly park: (label: string) => () => void;
}

/** Linux sends again after 200 ms at first; the doubling ends early, to find a healed link soon. */
const RETRY_MS_MIN = 200;
const RETRY_MS_MAX = 1_600;

export class SimulatedHttpClient implements HttpClient {
  readonly #options: HttpClientOptions;
  readonly #exchanges = new Map<string, Exchange>();
  /** Tells the connections of one life of this host from those of another. */
  readonly #life: number;
  #count = 0;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.#life = options.random.fork('connections').below(2 ** 32);
  }

  send(request: HttpRequest): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      const place = placeOf(request.url);
      if (place === undefined) {
        this.#options.expectContinuations();
        reject(new HttpError('refused', request, 'Not a plain http URL'));
        return;
      }
      this.#count += 1;
      const connection = `${this.#life.toString(16)}.${this.#count}`;
      const unpark = this.#options.park(`http ${request.method} ${request.url}`);
      const over = () => {
        unpark();
        this.#exchanges.delete(connection);
        this.#options.expectContinuations();
      };
      const exchange = new Exchange({
        ...this.#options,
        ...place,
        connection,
        request,
        resolve: (response) => {
          over();
          resolve(response);
        },
        reject: (failure) => {
          over();
          reject(new HttpError(failure, request));
        },
      });
      this.#exchanges.set(connection, exchange);
      exchange.begin();
    });
  }

  receive(segment: ServerSegment): void {
    this.#exchanges.get(segment.connection)?.receive(segment);
  }
}

interface ExchangeOptions extends HttpClientOptions {
  readonly to: Address;
  readonly port: number;
  readonly connection: string;
  readonly request: HttpRequest;
  readonly resolve: (response: HttpResponse) => void;
  readonly reject: (failure: HttpFailure) => void;
}

/** One request: opening, then sent and sent again, then taken and asked after, then over. */
class Exchange {
  readonly #options: ExchangeOptions;
  readonly #beganMs: number;
  /** What is sent again until there is something else to say. */
  #unanswered: Uint8Array;
  #ticket: string | undefined;
  #isTaken = false;
  #retryMs = RETRY_MS_MIN;
  #retry: Timer | undefined;
  #deadline: Timer | undefined;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#beganMs = options.clock.now();
    const { connection, port } = options;
    this.#unanswered = encodeSegment({ kind: 'open', connection, port });
  }

  begin(): void {
    this.#expectWithin(Math.min(this.#timeoutMs, HTTP_CONNECT_TIMEOUT_MS));
    this.#transmit();
  }

  receive(segment: ServerSegment): void {
    if (segment.kind === 'opened') {
      this.#opened(segment.ticket);
      return;
    }
    // A reset of an earlier copy of what opened the connection carries no ticket.
    if (segment.ticket !== (this.#ticket ?? '')) return;
    if (segment.kind === 'answer') this.#answered(segment.response);
    else if (segment.kind === 'taken') this.#taken();
    else this.#fail();
  }

  #opened(ticket: string): void {
    if (this.#ticket !== undefined) return;
    this.#ticket = ticket;
    const { connection, request, clock } = this.#options;
    this.#unanswered = encodeSegment({ kind: 'request', connection, ticket, request });
    this.#expectWithin(Math.max(0, this.#beganMs + this.#timeoutMs - clock.now()));
    this.#restart();
  }

  #taken(): void {
    if (this.#isTaken || this.#ticket === undefined) return;
    this.#isTaken = true;
    this.#unanswered = this.#segment('probe', this.#ticket);
    this.#retryMs = RETRY_MS_MIN;
    this.#scheduleRetry();
  }

  #answered(response: HttpResponse): void {
    this.#stop();
    this.#options.resolve(response);
  }

  #fail(): void {
    this.#stop();
    // Without a ticket nothing but the wish to connect was ever sent.
    this.#options.reject(this.#ticket === undefined ? 'refused' : 'lost');
  }

  #stop(): void {
    this.#retry?.cancel();
    this.#deadline?.cancel();
    if (this.#ticket === undefined) return;
    this.#options.send(this.#options.to, this.#segment('close', this.#ticket));
  }

  #restart(): void {
    this.#retryMs = RETRY_MS_MIN;
    this.#transmit();
  }

  #transmit(): void {
    this.#options.send(this.#options.to, this.#unanswered);
    this.#scheduleRetry();
  }

  #scheduleRetry(): void {
    this.#retry?.cancel();
    this.#retry = this.#options.clock.schedule(this.#retryMs, () => this.#transmit());
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS_MAX);
  }

  #expectWithin(delayMs: number): void {
    this.#deadline?.cancel();
    this.#deadline = this.#options.clock.schedule(delayMs, () => this.#fail());
  }

  get #timeoutMs(): number {
    return this.#options.request.timeoutMs ?? HTTP_TIMEOUT_MS;
  }

  #segment(kind: 'probe' | 'close', ticket: string): Uint8Array {
    const segment: ClientSegment = { kind, connection: this.#options.connection, ticket };
    return encodeSegment(segment);
  }
}

/** The name in the URL is the address of a host. */
function placeOf(url: string): { readonly to: Address; readonly port: number } | undefined {
  const match = /^http:\/\/([^/:?#]+)(?::([0-9]{1,5}))?(?:[/?#]|$)/.exec(url);
  const name = match?.[1];
  if (name === undefined) return undefined;
  return { to: address(name), port: Number(match?.[2] ?? 80) };
}
