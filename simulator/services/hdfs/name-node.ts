// A simulated NameNode, alone or as one of a pair that share their edit log. It boots as standby,
// becomes active when the other one does not answer, and then stays in safe mode until the
// DataNodes have reported. Speaks WebHDFS on port 9870. Not modeled: ZooKeeper (the pair watch
// each other, and the edit log decides), permissions beyond a list, quotas, snapshots.

import type { Environment } from '../../../engine/environment/environment.ts';
import type { HttpResponse } from '../../../engine/environment/http-client.ts';
import { delay } from '../../../engine/environment/delay.ts';
import { FileSystemError } from '../../../engine/environment/filesystem.ts';
import type { SimulatedEnvironment } from '../host-services.ts';
import { serveHttp } from '../serve-http.ts';
import type { ServiceFaults } from '../service-faults.ts';
import { ActiveNameNode, standby } from './active-name-node.ts';
import { DataNodes } from './data-nodes.ts';
import { EditLog } from './edit-log.ts';
import { exceptionAnswer, HdfsException } from './hdfs-exception.ts';
import { answering, callRpc, type Fields, rpcService } from './hdfs-rpc.ts';
import { carryOut } from './name-node-operations.ts';
import { answerRpc } from './name-node-rpc.ts';
import { parseWebHdfsRequest, type WebHdfsRequest } from './web-hdfs-request.ts';

export interface NameNodeOptions {
  /** The other one of the pair. */
  readonly peer?: string;
  /** How many must have reported before anything may be changed. Default 1. */
  readonly dataNodes?: number;
  /** At least this long nothing may be changed after a start. */
  readonly safeModeMs?: number;
  /** Of a writer's silence: until another client may take its file, until anybody closes it. */
  readonly softLimitMs?: number;
  readonly hardLimitMs?: number;
  readonly blockSizeBytes?: number;
  /** If given, every request must carry one of these. */
  readonly delegationTokens?: readonly string[];
  /** Path prefixes that nobody may write to. */
  readonly readOnly?: readonly string[];
  readonly faults?: ServiceFaults;
}

/** Scaled down from 128 MiB, so that the files of a simulated job have several. */
export const BLOCK_SIZE_BYTES = 16_384;

const SOFT_LIMIT_MS = 60_000;
const HARD_LIMIT_MS = 1_200_000;
const SAFE_MODE_MS = 3_000;
const WATCH_MS = 500;
const PEER_TIMEOUT_MS = 1_000;
/** Of a peer, before the other one takes over; the second by name waits longer. */
const SILENCES_MAX = 4;

export function bootNameNode(environment: SimulatedEnvironment, options: NameNodeOptions): void {
  new NameNode(environment, options).start(environment);
}

class NameNode {
  readonly #environment: Environment;
  readonly #options: NameNodeOptions;
  readonly #dataNodes: DataNodes;
  readonly #log: EditLog;
  #active: ActiveNameNode | undefined;
  #activeSinceMs = 0;
  #isManualSafeMode = false;

  constructor(environment: Environment, options: NameNodeOptions) {
    this.#environment = environment;
    this.#options = options;
    this.#dataNodes = new DataNodes(environment.clock);
    this.#log = new EditLog(environment.filesystem);
  }

  start(environment: SimulatedEnvironment): void {
    const { faults } = this.#options;
    const webHdfs = {
      handle: (request: Parameters<typeof parseWebHdfsRequest>[0]) =>
        answering(() => this.#answer(parseWebHdfsRequest(request))),
    };
    const faulty = faults === undefined ? {} : { faults };
    serveHttp(environment, webHdfs, { port: 9870, ...faulty });
    const rpc = rpcService((method, fields) => this.#answerRpc(method, fields));
    serveHttp(environment, rpc, { port: 8020 });
    void this.#watch();
  }

  async #answer(request: WebHdfsRequest): Promise<HttpResponse> {
    const denied = this.#denialOf(request);
    if (denied !== undefined) return denied;
    const { local } = this.#environment.network;
    return carryOut(
      {
        active: this.#activeOr(),
        dataNodes: this.#dataNodes,
        rpcAddress: this.#options.peer === undefined ? `${local}:8020` : 'hdfs',
        blockSizeBytes: this.#options.blockSizeBytes ?? BLOCK_SIZE_BYTES,
        checkSafeMode: (what) => this.#checkSafeMode(what),
      },
      request,
    );
  }

  #answerRpc(method: string, fields: Fields): Promise<object> | object {
    const dataNode = String(fields.get('dataNode'));
    switch (method) {
      case 'state':
        return { isActive: this.#active !== undefined };
      case 'heartbeat': {
        const mustReport = this.#dataNodes.heard(dataNode, String(fields.get('life')));
        return { mustReport };
      }
      case 'report':
        return this.#takeReport(dataNode, fields.get('blocks') as readonly number[]);
      case 'set-safe-mode':
        this.#isManualSafeMode = fields.get('isOn') === true;
        return {};
      default: {
        const active = () => this.#activeOr();
        const checkSafeMode = (what: string) => this.#checkSafeMode(what);
        return answerRpc({ dataNodes: this.#dataNodes, active, checkSafeMode }, method, fields);
      }
    }
  }

  /** Says which of the blocks belong to no file any more; a standby would not know. */
  async #takeReport(dataNode: string, blocks: readonly number[]): Promise<object> {
    this.#dataNodes.report(dataNode, blocks);
    const active = this.#active;
    if (active === undefined) return { stale: [] };
    const used = new Set<number>();
    for (const inode of active.nameSpace.inodes()) for (const { id } of inode.blocks) used.add(id);
    const stale = blocks.filter((id) => !used.has(id));
    await active.confirm();
    return { stale };
  }

  #activeOr(): ActiveNameNode {
    if (this.#active === undefined) throw standby();
    return this.#active;
  }

  #checkSafeMode(what: string): void {
    const { dataNodes = 1, safeModeMs = SAFE_MODE_MS, peer } = this.#options;
    const message = `Cannot ${what}. Name node is in safe mode.`;
    if (this.#isManualSafeMode) throw new HdfsException('SafeModeException', message);
    const hasWaited = this.#environment.clock.now() - this.#activeSinceMs >= safeModeMs;
    if (hasWaited && this.#dataNodes.reportedCount >= dataNodes) return;
    // Where there is a pair, the real one says that it is worth asking again.
    throw new HdfsException(
      peer === undefined ? 'SafeModeException' : 'RetriableException',
      message,
    );
  }

  #denialOf({ parameters, operation, path, user }: WebHdfsRequest): HttpResponse | undefined {
    const { delegationTokens, readOnly = [] } = this.#options;
    const token = parameters.get('delegation');
    if (delegationTokens !== undefined && !delegationTokens.includes(token ?? '')) {
      const message = `token (${token ?? 'none'}) can't be found in cache`;
      return exceptionAnswer(new HdfsException('InvalidToken', message));
    }
    const isWrite = !operation.startsWith('GET ');
    if (!isWrite || !readOnly.some((prefix) => path.startsWith(prefix))) return undefined;
    const message = `Permission denied: user=${user}, access=WRITE, inode="${path}"`;
    return exceptionAnswer(new HdfsException('AccessControlException', message));
  }

  async #watch(): Promise<void> {
    const { peer = '' } = this.#options;
    const isSecond = peer !== '' && peer < this.#environment.network.local;
    const silencesMax = peer === '' ? 0 : SILENCES_MAX + (isSecond ? SILENCES_MAX : 0);
    let silences = 0;
    for (;;) {
      if (this.#active === undefined) {
        silences = (await this.#isPeerActive()) ? 0 : silences + 1;
        if (silences > silencesMax) await this.#becomeActive();
      } else {
        silences = 0;
        this.#active.checkLeases();
      }
      await delay(this.#environment, WATCH_MS);
    }
  }

  async #isPeerActive(): Promise<boolean> {
    const { peer } = this.#options;
    if (peer === undefined) return false;
    try {
      const call = { method: 'state' };
      const state = await callRpc(this.#environment, `${peer}:8020`, call, PEER_TIMEOUT_MS);
      return state.get('isActive') === true;
    } catch (error) {
      if (error instanceof HdfsException) return false;
      throw error;
    }
  }

  async #becomeActive(): Promise<void> {
    const { softLimitMs = SOFT_LIMIT_MS, hardLimitMs = HARD_LIMIT_MS } = this.#options;
    try {
      const opened = await this.#log.begin();
      if (opened === undefined) return;
      this.#activeSinceMs = this.#environment.clock.now();
      this.#active = new ActiveNameNode({
        environment: this.#environment,
        log: this.#log,
        opened,
        dataNodes: this.#dataNodes,
        softLimitMs,
        hardLimitMs,
        onOver: () => {
          this.#active = undefined;
        },
      });
    } catch (error) {
      // Its disk failed: it will try again.
      if (!(error instanceof FileSystemError)) throw error;
    }
  }
}
