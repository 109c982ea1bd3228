// A real HDFS: two NameNodes, one of them active, and a DataNode, each a process that a test may
// kill and start again. Nothing fails over by itself: who kills the active one makes the other
// active. Superuser is `onceproof`.

import { cp } from 'node:fs/promises';
import { type JavaServer, javaArguments, javaVariables, startJava } from '../java.ts';
import { classPathOf } from '../maven.ts';
import { type ServerProcess, waitUntil } from '../server-process.ts';
import type { ServicePlaces } from '../service.ts';
import { freePorts, runTool } from '../tools.ts';
import { configurationDirectory, nameDirectory, writeConfiguration } from './hdfs-configuration.ts';
import {
  HDFS_PORT_COUNT,
  type HdfsPorts,
  type HdfsRole,
  hdfsPorts,
  NAME_NODES,
  type NameNode,
} from './hdfs-ports.ts';

const POM = new URL('./pom.xml', import.meta.url);
const HEAP_MB = 192;
const START_MS_MAX = 90_000;
const SERVER_PACKAGE = 'org.apache.hadoop.hdfs.server';
const MAIN_CLASSES: Readonly<Record<HdfsRole, string>> = {
  nn1: `${SERVER_PACKAGE}.namenode.NameNode`,
  nn2: `${SERVER_PACKAGE}.namenode.NameNode`,
  datanode: `${SERVER_PACKAGE}.datanode.DataNode`,
};
const ADMIN = 'org.apache.hadoop.hdfs.tools.DFSAdmin';
const HA_ADMIN = 'org.apache.hadoop.hdfs.tools.DFSHAAdmin';

export class HdfsCluster {
  readonly #directory: string;
  readonly #jars: string;
  readonly #ports: HdfsPorts;
  readonly #processes = new Map<HdfsRole, ServerProcess>();

  private constructor(directory: string, jars: string, ports: HdfsPorts) {
    this.#directory = directory;
    this.#jars = jars;
    this.#ports = ports;
  }

  /** Formatted, with `nn1` active, and out of safe mode. */
  static async start({ directory, cache }: ServicePlaces): Promise<HdfsCluster> {
    const jars = await classPathOf(POM, cache);
    const ports = hdfsPorts(await freePorts(HDFS_PORT_COUNT));
    const cluster = new HdfsCluster(directory, jars, ports);
    try {
      await cluster.#startFirst();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  /** Both NameNodes, the one that was active first in front. */
  get url(): string {
    const { nn1, nn2 } = this.#ports.http;
    return `webhdfs://127.0.0.1:${nn1},127.0.0.1:${nn2}`;
  }

  httpUrl(node: NameNode): string {
    return `http://127.0.0.1:${this.#ports.http[node]}`;
  }

  /** As a NameNode gives it. */
  async version(): Promise<string> {
    const info = await this.#bean('nn1', 'NameNodeInfo');
    return `Apache Hadoop HDFS ${String(info?.['SoftwareVersion'])}`;
  }

  async kill(role: HdfsRole): Promise<void> {
    await this.#processes.get(role)?.kill();
    this.#processes.delete(role);
  }

  /** Of what was killed. A NameNode comes back as standby. */
  async restart(role: HdfsRole): Promise<void> {
    this.#spawn(role);
    await this.#wait(`${role} is back`, () =>
      role === 'datanode' ? this.#isServing() : this.#answers(role),
    );
  }

  async makeActive(node: NameNode): Promise<void> {
    // It asks the others whether one of them is active, and whom it cannot ask may be.
    const isAlone = NAME_NODES.some((other) => other !== node && !this.#processes.has(other));
    const force = isAlone ? ['--forceactive'] : [];
    await this.#admin(HA_ADMIN, ['-transitionToActive', ...force, node]);
    await this.#wait(`${node} is active`, () => this.#isActive(node));
  }

  async setSafeMode(isOn: boolean): Promise<void> {
    await this.#admin(ADMIN, ['-safemode', isOn ? 'enter' : 'leave']);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#processes.values()].map((each) => each.kill()));
    this.#processes.clear();
  }

  async #startFirst(): Promise<void> {
    const roles: readonly HdfsRole[] = [...NAME_NODES, 'datanode'];
    for (const role of roles) await writeConfiguration(this.#directory, role, this.#ports);
    await this.#format();
    for (const role of roles) this.#spawn(role);
    for (const node of NAME_NODES) await this.#wait(`${node} answers`, () => this.#answers(node));
    await this.makeActive('nn1');
    await this.#wait('HDFS is whole', () => this.#isWhole());
  }

  /** The standby begins with a copy of what was formatted, as after `-bootstrapStandby`. */
  async #format(): Promise<void> {
    const format = this.#java('nn1', MAIN_CLASSES.nn1, ['-format', '-force', '-nonInteractive']);
    await this.#run(format);
    const [first, second] = NAME_NODES.map((node) => nameDirectory(this.#directory, node));
    if (first !== undefined && second !== undefined) await cp(first, second, { recursive: true });
  }

  #spawn(role: HdfsRole): void {
    this.#processes.set(role, startJava(this.#java(role, MAIN_CLASSES[role], [])));
  }

  #java(role: HdfsRole, mainClass: string, args: readonly string[]): JavaServer {
    return {
      name: role,
      mainClass,
      args,
      classPath: [configurationDirectory(this.#directory, role), this.#jars],
      heapMb: HEAP_MB,
      options: ['--add-opens=java.base/java.lang=ALL-UNNAMED'],
      directory: this.#directory,
      variables: { HADOOP_USER_NAME: 'onceproof' },
    };
  }

  async #admin(mainClass: string, args: readonly string[]): Promise<void> {
    await this.#run(this.#java('nn1', mainClass, args));
  }

  async #run(java: JavaServer): Promise<void> {
    const directory = this.#directory;
    const variables = javaVariables(java);
    await runTool({ program: 'java', args: javaArguments(java), directory, variables });
  }

  #wait(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const processes = [...this.#processes.values()];
    return waitUntil(isSo, { what, timeoutMs: START_MS_MAX, processes });
  }

  async #answers(node: NameNode): Promise<boolean> {
    return (await this.#bean(node, 'NameNodeStatus')) !== undefined;
  }

  async #isActive(node: NameNode): Promise<boolean> {
    return (await this.#bean(node, 'NameNodeStatus'))?.['State'] === 'active';
  }

  /** The DataNode has registered with every NameNode that runs. */
  async #isServing(): Promise<boolean> {
    const url = `http://127.0.0.1:${this.#ports.dataHttp}`;
    const info = await beanOf(url, 'DataNode', 'DataNodeInfo');
    const registrations = String(info?.['BPServiceActorInfo']).split('"ActorState":"RUNNING"');
    const nameNodes = NAME_NODES.filter((node) => this.#processes.has(node));
    return registrations.length - 1 === nameNodes.length && (await this.#isWhole());
  }

  /** All NameNodes that run see the DataNode, and none is in safe mode. */
  async #isWhole(): Promise<boolean> {
    for (const node of NAME_NODES) {
      if (!this.#processes.has(node)) continue;
      const state = await this.#bean(node, 'FSNamesystemState');
      if (state?.['NumLiveDataNodes'] !== 1 || state['FSState'] !== 'Operational') return false;
    }
    return true;
  }

  #bean(node: NameNode, name: string): Promise<Bean | undefined> {
    return beanOf(this.httpUrl(node), 'NameNode', name);
  }
}

type Bean = Readonly<Record<string, unknown>>;

/** What a server tells of itself. */
async function beanOf(url: string, service: string, name: string): Promise<Bean | undefined> {
  const query = `${url}/jmx?qry=Hadoop:service=${service},name=${name}`;
  const answer = await fetch(query, { signal: AbortSignal.timeout(2_000) });
  const { beans } = (await answer.json()) as { beans: Bean[] };
  return beans[0];
}
