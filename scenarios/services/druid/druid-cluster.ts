// A real Druid: ZooKeeper, Derby within the Coordinator, and one process of each kind, behind a
// router. A test may kill a process and start it again. About 1.5 GiB of heap in all.

import { join } from 'node:path';
import { startJava } from '../java.ts';
import { classPathOf } from '../maven.ts';
import { type ServerProcess, waitUntil } from '../server-process.ts';
import type { ServicePlaces } from '../service.ts';
import { freePorts } from '../tools.ts';
import {
  configurationPlaces,
  writeConfiguration,
  zooKeeperConfiguration,
} from './druid-configuration.ts';
import {
  DRUID_PORT_COUNT,
  DRUID_SERVERS,
  type DruidPorts,
  type DruidServer,
  druidPorts,
} from './druid-ports.ts';

const POM = new URL('./pom.xml', import.meta.url);
const START_MS_MAX = 180_000;
const REQUEST_MS_MAX = 5_000;
const MAIN_CLASS = 'org.apache.druid.cli.Main';
const ZOO_KEEPER_CLASS = 'org.apache.zookeeper.server.ZooKeeperServerMain';

interface Memory {
  readonly heapMb: number;
  readonly directMb: number;
}

const MEMORY: Readonly<Record<DruidServer, Memory>> = {
  coordinator: { heapMb: 320, directMb: 64 },
  indexer: { heapMb: 512, directMb: 128 },
  historical: { heapMb: 256, directMb: 128 },
  broker: { heapMb: 256, directMb: 128 },
  router: { heapMb: 128, directMb: 64 },
};

/** What Druid's own start script opens for Java 17. */
const OPENED = [
  '--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED',
  '--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED',
  '--add-opens=java.base/java.nio=ALL-UNNAMED',
  '--add-opens=java.base/sun.nio.ch=ALL-UNNAMED',
  '--add-opens=java.base/jdk.internal.ref=ALL-UNNAMED',
  '--add-opens=java.base/java.io=ALL-UNNAMED',
  '--add-opens=java.base/java.lang=ALL-UNNAMED',
  '--add-opens=jdk.management/com.sun.management.internal=ALL-UNNAMED',
];

export class DruidCluster {
  readonly #directory: string;
  readonly #jars: string;
  readonly #ports: DruidPorts;
  readonly #processes = new Map<DruidServer | 'zookeeper', ServerProcess>();

  private constructor(directory: string, jars: string, ports: DruidPorts) {
    this.#directory = directory;
    this.#jars = jars;
    this.#ports = ports;
  }

  /** Takes tasks and answers SQL. */
  static async start({ directory, cache }: ServicePlaces): Promise<DruidCluster> {
    const jars = await classPathOf(POM, cache);
    const ports = druidPorts(await freePorts(DRUID_PORT_COUNT));
    await writeConfiguration(directory, ports);
    const cluster = new DruidCluster(directory, jars, ports);
    try {
      cluster.#spawnZooKeeper();
      for (const server of DRUID_SERVERS) cluster.#spawn(server);
      await cluster.#waitUntilWhole('Druid answers');
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  /** Of the router. */
  get url(): string {
    return `druid://127.0.0.1:${this.#ports.http.router}`;
  }

  /** As the router gives it. */
  async version(): Promise<string> {
    const status = (await this.#ask('router', '/status')) as { readonly version: unknown };
    return `Apache Druid ${String(status.version)}`;
  }

  async kill(server: DruidServer): Promise<void> {
    await this.#processes.get(server)?.kill();
    this.#processes.delete(server);
  }

  /** Of what was killed. */
  async restart(server: DruidServer): Promise<void> {
    this.#spawn(server);
    await this.#waitUntilWhole(`${server} is back`);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#processes.values()].map((each) => each.kill()));
    this.#processes.clear();
  }

  #spawnZooKeeper(): void {
    const directory = this.#directory;
    const zooKeeper = startJava({
      name: 'zookeeper',
      mainClass: ZOO_KEEPER_CLASS,
      args: [zooKeeperConfiguration(directory)],
      classPath: [...configurationPlaces(directory, 'coordinator'), this.#jars],
      heapMb: 64,
      directory,
    });
    this.#processes.set('zookeeper', zooKeeper);
  }

  #spawn(server: DruidServer): void {
    const directory = this.#directory;
    const { heapMb, directMb } = MEMORY[server];
    const started = startJava({
      name: server,
      mainClass: MAIN_CLASS,
      args: ['server', server],
      classPath: [...configurationPlaces(directory, server), this.#jars],
      heapMb,
      options: [
        `-XX:MaxDirectMemorySize=${directMb}m`,
        `-Djava.io.tmpdir=${join(directory, 'tmp')}`,
        ...OPENED,
      ],
      directory,
    });
    this.#processes.set(server, started);
  }

  #waitUntilWhole(what: string): Promise<void> {
    const processes = [...this.#processes.values()];
    return waitUntil(() => this.#isWhole(), { what, timeoutMs: START_MS_MAX, processes });
  }

  /** Every process that runs is healthy, tasks find a worker, and SQL finds its servers. */
  async #isWhole(): Promise<boolean> {
    for (const server of DRUID_SERVERS) {
      if (!this.#processes.has(server)) continue;
      if ((await this.#ask(server, '/status/health')) !== true) return false;
    }
    const workers = await this.#ask('router', '/druid/indexer/v1/workers');
    if (!Array.isArray(workers) || workers.length === 0) return false;
    const query = `SELECT COUNT(*) AS n FROM sys.servers WHERE server_type = 'historical'`;
    const answer = await fetch(`${this.#httpUrl('router')}/druid/v2/sql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
      signal: AbortSignal.timeout(REQUEST_MS_MAX),
    });
    return answer.ok && (await answer.text()).trim() === '[{"n":1}]';
  }

  async #ask(server: DruidServer, path: string): Promise<unknown> {
    const url = `${this.#httpUrl(server)}${path}`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(REQUEST_MS_MAX) });
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    return answer.json();
  }

  #httpUrl(server: DruidServer): string {
    return `http://127.0.0.1:${this.#ports.http[server]}`;
  }
}
