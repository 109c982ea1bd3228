// A simulated DataNode: writes and reads the bytes of files for clients of WebHDFS on port 9864. A
// block is durable before the NameNode hears that it is whole; what a crash leaves of a file stays
// open until its lease is recovered. Not modeled: replication, packets, disk balancing.

import { delay } from '../../../engine/environment/delay.ts';
import { FileSystemError } from '../../../engine/environment/filesystem.ts';
import type { HttpRequest, HttpResponse } from '../../../engine/environment/http-client.ts';
import type { Random } from '../../../engine/environment/random.ts';
import type { SimulatedEnvironment } from '../host-services.ts';
import { serveHttp } from '../serve-http.ts';
import type { ServiceFaults } from '../service-faults.ts';
import { BlockStore } from './block-store.ts';
import { HdfsException } from './hdfs-exception.ts';
import { answering, callActive, callRpc, type Fields, rpcService } from './hdfs-rpc.ts';
import { BLOCK_SIZE_BYTES } from './name-node.ts';
import { flagOf, numberOf, parseWebHdfsRequest, type WebHdfsRequest } from './web-hdfs-request.ts';

export interface DataNodeOptions {
  readonly nameNodes: readonly string[];
  readonly blockSizeBytes?: number;
  readonly faults?: ServiceFaults;
}

/** Scaled down: real ones send heartbeats every 3 s, and their blocks every six hours. */
const HEARTBEAT_MS = 1_000;
const REPORT_EVERY = 10;

export function bootDataNode(environment: SimulatedEnvironment, options: DataNodeOptions): void {
  new DataNode(environment, options).start();
}

interface OpenFile {
  readonly nameNode: string;
  readonly fileId: unknown;
  readonly writer: string;
  readonly lengths: readonly number[];
}

class DataNode {
  readonly #environment: SimulatedEnvironment;
  readonly #options: DataNodeOptions;
  readonly #blocks: BlockStore;
  readonly #life: string;
  readonly #dice: Random;
  #writerCount = 0;

  constructor(environment: SimulatedEnvironment, options: DataNodeOptions) {
    this.#environment = environment;
    this.#options = options;
    this.#blocks = new BlockStore(environment.filesystem);
    this.#dice = environment.random.fork('torn');
    this.#life = environment.random
      .fork('life')
      .below(2 ** 32)
      .toString(16);
  }

  start(): void {
    const { faults, nameNodes } = this.#options;
    const webHdfs = {
      handle: (request: HttpRequest) => answering(() => this.#answer(parseWebHdfsRequest(request))),
      torn: (request: HttpRequest) => this.#torn(request),
    };
    const faulty = faults === undefined ? {} : { faults };
    serveHttp(this.#environment, webHdfs, { port: 9864, ...faulty });
    const rpc = rpcService((method, fields) => this.#answerRpc(method, fields));
    serveHttp(this.#environment, rpc, { port: 9867 });
    for (const nameNode of nameNodes) void this.#reportTo(`${nameNode}:8020`);
  }

  #answer(request: WebHdfsRequest): Promise<HttpResponse> {
    switch (request.operation) {
      case 'PUT CREATE':
        return this.#create(request);
      case 'POST APPEND':
        return this.#append(request);
      case 'GET OPEN':
        return this.#open(request);
      case 'GET GETFILECHECKSUM':
        return this.#checksum(request);
      default: {
        const message = `Invalid operation ${request.operation}`;
        throw new HdfsException('IllegalArgumentException', message);
      }
    }
  }

  async #create(request: WebHdfsRequest): Promise<HttpResponse> {
    const writer = this.#nextWriter();
    const { path, user, body } = request;
    const { place: nameNode, answer: made } = await this.#callActive(request, {
      method: 'create',
      path,
      owner: user,
      writer,
      overwrite: flagOf(request, 'overwrite', false),
      createParent: flagOf(request, 'createparent', true),
    });
    await this.#write({ nameNode, fileId: made.get('fileId'), writer, lengths: [] }, body);
    const headers = new Map([['location', `hdfs://${nameNode}${request.encodedPath}`]]);
    return { status: 201, headers, body: new Uint8Array() };
  }

  async #append(request: WebHdfsRequest): Promise<HttpResponse> {
    const writer = this.#nextWriter();
    const call = { method: 'append', path: request.path, writer };
    const { place: nameNode, answer: opened } = await this.#callActive(request, call);
    const lengths = opened.get('lengths') as readonly number[];
    const file = { nameNode, fileId: opened.get('fileId'), writer, lengths };
    await this.#write(file, request.body);
    return { status: 200, headers: new Map(), body: new Uint8Array() };
  }

  async #write({ nameNode, fileId, writer, lengths }: OpenFile, body: Uint8Array): Promise<void> {
    const { blockSizeBytes = BLOCK_SIZE_BYTES } = this.#options;
    const dataNode = this.#environment.network.local;
    const written: number[] = [...lengths];
    for (let offset = 0; offset < body.length; offset += blockSizeBytes) {
      const call = { method: 'add-block', fileId, writer, dataNode };
      const added = await callRpc(this.#environment, nameNode, call);
      const bytes = body.subarray(offset, offset + blockSizeBytes);
      await orIOException(this.#blocks.write(Number(added.get('block')), bytes));
      written.push(bytes.length);
    }
    const complete = { method: 'complete', fileId, writer, lengths: written };
    await callRpc(this.#environment, nameNode, complete);
  }

  async #open(request: WebHdfsRequest): Promise<HttpResponse> {
    const whole = await this.#read(request);
    const offset = Math.min(numberOf(request, 'offset') ?? 0, whole.length);
    const length = numberOf(request, 'length') ?? whole.length;
    const body = whole.slice(offset, offset + length);
    const headers = new Map([
      ['content-type', 'application/octet-stream'],
      ['content-length', String(body.length)],
    ]);
    return { status: 200, headers, body };
  }

  async #checksum(request: WebHdfsRequest): Promise<HttpResponse> {
    const blocks = await this.#locations(request);
    return orIOException(this.#blocks.checksum(blocks));
  }

  async #read(request: WebHdfsRequest): Promise<Uint8Array> {
    const blocks = await this.#locations(request);
    return orIOException(this.#blocks.read(blocks));
  }

  async #locations(request: WebHdfsRequest): Promise<readonly (readonly [number, number])[]> {
    const call = { method: 'locations', path: request.path };
    const { answer } = await this.#callActive(request, call);
    return answer.get('blocks') as readonly (readonly [number, number])[];
  }

  #callActive(
    { parameters }: WebHdfsRequest,
    call: { readonly method: string; readonly [field: string]: unknown },
  ) {
    const named = parameters.get('namenoderpcaddress') ?? '';
    const all = this.#options.nameNodes.map((nameNode) => `${nameNode}:8020`);
    // Of a pair the redirect has only the name that both have together.
    return callActive(this.#environment, all.includes(named) ? [named] : all, call);
  }

  async #answerRpc(method: string, fields: Fields): Promise<object> {
    if (method !== 'recover') {
      throw new HdfsException('UnsupportedOperationException', `Unknown call ${method}`);
    }
    const blocks = fields.get('blocks') as readonly number[];
    return { lengths: await orIOException(this.#blocks.recover(blocks)) };
  }

  /** For as long as this life of the host lasts. */
  async #reportTo(nameNode: string): Promise<void> {
    const dataNode = this.#environment.network.local;
    const heartbeat = { method: 'heartbeat', dataNode, life: this.#life };
    for (let count = 0; ; count += 1) {
      try {
        const answer = await callRpc(this.#environment, nameNode, heartbeat);
        const isDue = answer.get('mustReport') === true || count % REPORT_EVERY === 0;
        if (isDue) await this.#report(nameNode);
      } catch (error) {
        const isExpected = error instanceof HdfsException || error instanceof FileSystemError;
        if (!isExpected) throw error;
      }
      await delay(this.#environment, HEARTBEAT_MS);
    }
  }

  async #report(nameNode: string): Promise<void> {
    const blocks = await this.#blocks.list();
    const dataNode = this.#environment.network.local;
    const answer = await callRpc(this.#environment, nameNode, {
      method: 'report',
      dataNode,
      blocks,
    });
    await this.#blocks.remove(answer.get('stale') as readonly number[]);
  }

  /** As the real one, which closes a file with what it got before its client was gone. */
  #torn(request: HttpRequest): HttpRequest {
    const { body = new Uint8Array() } = request;
    const isWhole = this.#dice.chance(0.5);
    return isWhole
      ? request
      : { ...request, body: body.slice(0, this.#dice.below(body.length + 1)) };
  }

  #nextWriter(): string {
    this.#writerCount += 1;
    return `DFSClient_NONMAPREDUCE_${this.#life}_${this.#writerCount}`;
  }
}

/** A disk that fails is not the client's business in detail. */
async function orIOException<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    throw new HdfsException('IOException', `Volume failure: ${error.code}`);
  }
}
