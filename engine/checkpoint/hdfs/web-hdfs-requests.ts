// Requests to a cluster that may be failing over, starting up, or hard to reach: tried again, with
// growing pauses and on both NameNodes, as long as it is certain that nothing has been carried out
// or that twice does no harm. Everything else is handed back as lost, for the caller to settle.

import { delay } from '../../environment/delay.ts';
import type { Environment } from '../../environment/environment.ts';
import { servicesOf } from '../../environment/foreign-services.ts';
import {
  type HttpClient,
  HttpError,
  type HttpMethod,
  type HttpResponse,
} from '../../environment/http-client.ts';
import type { Random } from '../../environment/random.ts';
import { sometimes } from '../../core/sometimes.ts';
import { fieldOf, jsonOf, RemoteException, remoteExceptionOf } from './remote-exception.ts';
import { encodePath } from './web-hdfs-place.ts';

export interface WebHdfsOptions {
  /** `http://namenode:9870`: one, or the pair of a highly available cluster in any order. */
  readonly nameNodes: readonly string[];
  /** Who it is done for, where the cluster does not ask for more than a name. */
  readonly user?: string;
  readonly delegationToken?: string;
  /** How long an unreachable cluster is tried. */
  readonly giveUpAfterMs?: number;
  /** How long a cluster is waited for that starts up, or was set to be read only. */
  readonly safeModeWaitMs?: number;
  /** Of each request, with the bytes that it moves. */
  readonly requestTimeoutMs?: number;
}

export interface Operation {
  readonly method: HttpMethod;
  /** As in WebHDFS: `GETFILESTATUS`. */
  readonly op: string;
  readonly path: string;
  readonly parameters?: readonly (readonly [string, string])[];
  /** Twice is as good as once, whatever happens in between. */
  readonly isRepeatable: boolean;
  /** Where it met something of its own from before, it would only say so. */
  readonly refusesRepeats?: boolean;
}

export type Reply =
  | { readonly kind: 'done'; readonly response: HttpResponse }
  /** Certainly not carried out. */
  | { readonly kind: 'failed'; readonly cause: RemoteException }
  /** It was never taken, though tried for long. */
  | { readonly kind: 'unreachable'; readonly cause: unknown }
  /** It may have been carried out, or may yet be. */
  | { readonly kind: 'lost'; readonly cause: unknown };

type Attempt =
  | Reply
  | {
      readonly kind: 'again';
      readonly cause: unknown;
      readonly reason: 'other-node' | 'same-node' | 'safe-mode' | 'starting';
    };

const GIVE_UP_AFTER_MS = 60_000;
const SAFE_MODE_WAIT_MS = 180_000;
const REQUEST_TIMEOUT_MS = 30_000;
const PAUSE_MS_MIN = 100;
const PAUSE_MS_MAX = 3_000;

export class WebHdfsRequests {
  readonly environment: Environment;
  readonly #options: WebHdfsOptions;
  readonly #http: HttpClient;
  readonly #random: Random;
  /** Where the active NameNode was last. */
  #node = 0;

  constructor(environment: Environment, options: WebHdfsOptions) {
    this.environment = environment;
    this.#options = options;
    this.#http = servicesOf(environment).http;
    this.#random = environment.random.fork('webhdfs/pauses');
  }

  get nameNodes(): readonly string[] {
    return this.#options.nameNodes;
  }

  /** An operation that a NameNode carries out by itself. */
  ask(operation: Operation): Promise<Reply> {
    return this.#untilSettled(() => this.#askOnce(operation));
  }

  /** An operation for which the NameNode sends us to a DataNode, with or for the bytes. */
  transfer(operation: Operation, body?: Uint8Array): Promise<Reply> {
    return this.#untilSettled(async () => {
      const referral = await this.#askOnce({ ...operation, isRepeatable: true });
      if (referral.kind !== 'done') return referral;
      const url = locationOf(referral.response);
      if (url === undefined) {
        return { kind: 'again', reason: 'same-node', cause: 'No Location in the answer' };
      }
      const { method } = operation;
      const headers = { 'content-type': 'application/octet-stream' };
      const bytes = body === undefined ? {} : { headers, body };
      return this.#attempt(operation, { method, url, ...bytes }, 'data-node');
    });
  }

  /** The pause before another look at something that was lost for the n-th time. */
  async pause(attempt: number): Promise<void> {
    await delay(this.environment, this.#pauseMs(attempt));
  }

  async #untilSettled(once: () => Promise<Attempt>): Promise<Reply> {
    const { giveUpAfterMs, safeModeWaitMs } = this.#options;
    const beganMs = this.environment.clock.now();
    for (let count = 0; ; count++) {
      const attempt = await once();
      if (attempt.kind !== 'again') return attempt;
      const isSafeMode = attempt.reason === 'safe-mode' || attempt.reason === 'starting';
      const limitMs = isSafeMode
        ? (safeModeWaitMs ?? SAFE_MODE_WAIT_MS)
        : (giveUpAfterMs ?? GIVE_UP_AFTER_MS);
      if (this.environment.clock.now() - beganMs >= limitMs) return gaveUp(attempt.cause);
      // One that starts up may do so beside an active one.
      if (attempt.reason === 'other-node' || attempt.reason === 'starting') this.#failOver();
      sometimes(isSafeMode, 'a WebHDFS client waits for a NameNode to leave safe mode');
      await this.pause(count);
    }
  }

  #failOver(): void {
    const count = this.#options.nameNodes.length;
    sometimes(count > 1, 'a WebHDFS client turns to the other NameNode');
    this.#node = (this.#node + 1) % count;
  }

  #askOnce(operation: Operation): Promise<Attempt> {
    const { method, op, path, parameters = [] } = operation;
    const { nameNodes, user, delegationToken } = this.#options;
    const pairs: (readonly [string, string])[] = [['op', op]];
    // A token names its user: both together would be refused.
    if (delegationToken !== undefined) pairs.push(['delegation', delegationToken]);
    else if (user !== undefined) pairs.push(['user.name', user]);
    const query = [...pairs, ...parameters]
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join('&');
    const url = `${nameNodes[this.#node] ?? ''}/webhdfs/v1${encodePath(path)}?${query}`;
    return this.#attempt(operation, { method, url }, 'name-node');
  }

  async #attempt(
    { isRepeatable, refusesRepeats = false }: Operation,
    request: { readonly method: HttpMethod; readonly url: string; readonly body?: Uint8Array },
    at: 'name-node' | 'data-node',
  ): Promise<Attempt> {
    const timeoutMs = this.#options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
    let response: HttpResponse;
    try {
      response = await this.#http.send({ ...request, timeoutMs });
    } catch (cause) {
      if (!(cause instanceof HttpError)) throw cause;
      const reason = at === 'name-node' ? 'other-node' : 'same-node';
      const isSafe = cause.failure === 'refused' || isRepeatable;
      return isSafe ? { kind: 'again', reason, cause } : { kind: 'lost', cause };
    }
    if (response.status < 400) return { kind: 'done', response };
    return judge(response, { isRepeatable, refusesRepeats, at });
  }

  #pauseMs(attempt: number): number {
    const most = Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** Math.min(attempt, 10));
    // Spread: not all subtasks of a job at once, again and again.
    return (most >> 1) + this.#random.below((most >> 1) + 1);
  }
}

/** No DataNode has made itself known so far; of all IOExceptions the one that passes. */
const NOBODY_YET = /Failed to find datanode/;

/** What a refusal means. At a DataNode, the work may have been under way when it was refused. */
function judge(
  response: HttpResponse,
  options: Required<Pick<Operation, 'isRepeatable' | 'refusesRepeats'>> & {
    readonly at: 'name-node' | 'data-node';
  },
): Attempt {
  const { isRepeatable, refusesRepeats, at } = options;
  const cause = remoteExceptionOf(response);
  if (cause === undefined) return judgeForeign(response, isRepeatable);
  const isUndone = at === 'name-node' || isRepeatable || refusesRepeats;
  switch (cause.exception) {
    case 'StandbyException':
      return isUndone ? { kind: 'again', reason: 'other-node', cause } : { kind: 'lost', cause };
    case 'RetriableException':
      return isUndone ? { kind: 'again', reason: 'starting', cause } : { kind: 'lost', cause };
    case 'SafeModeException':
      return isUndone ? { kind: 'again', reason: 'safe-mode', cause } : { kind: 'lost', cause };
    case 'IOException':
    case 'BlockMissingException':
    case 'ConnectException':
    case 'EOFException':
    case 'SocketTimeoutException':
      // Of a DataNode that could not reach others, or lost them: nothing definite.
      if (at === 'name-node' && !NOBODY_YET.test(cause.message)) return { kind: 'failed', cause };
      if (at === 'name-node') return { kind: 'again', reason: 'same-node', cause };
      return isRepeatable ? { kind: 'again', reason: 'same-node', cause } : { kind: 'lost', cause };
    default:
      return { kind: 'failed', cause };
  }
}

/** Of a proxy, or of a server that is too busy to ask HDFS. */
function judgeForeign(response: HttpResponse, isRepeatable: boolean): Attempt {
  const { status } = response;
  const cause = new RemoteException(
    status === 401 || status === 403 ? 'AccessControlException' : 'HttpStatus',
    `Answered with status ${status}`,
    status,
  );
  if (status === 503 || status === 429) return { kind: 'again', reason: 'same-node', cause };
  if (status < 500) return { kind: 'failed', cause };
  return isRepeatable ? { kind: 'again', reason: 'same-node', cause } : { kind: 'lost', cause };
}

function gaveUp(cause: unknown): Reply {
  // A cluster that says why is not unreachable.
  if (cause instanceof RemoteException) return { kind: 'failed', cause };
  return { kind: 'unreachable', cause };
}

/** In a header, or, for clients that cannot help following redirects, in the body. */
function locationOf(response: HttpResponse): string | undefined {
  const header = response.headers.get('location');
  if (header !== undefined) return header;
  const field = fieldOf(jsonOf(response), 'Location');
  return typeof field === 'string' ? field : undefined;
}
