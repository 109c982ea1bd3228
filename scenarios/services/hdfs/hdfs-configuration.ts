// The configuration files of a small HDFS: two NameNodes over one shared edits directory and one
// DataNode, all on loopback. Failover is by hand, as the tests want it. What is not named here is
// Hadoop's own default.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type HdfsPorts, type HdfsRole, NAME_NODES, type NameNode } from './hdfs-ports.ts';

const NAME_SERVICE = 'onceproof';
export function configurationDirectory(directory: string, role: HdfsRole): string {
  return join(directory, 'conf', role);
}

export function nameDirectory(directory: string, node: NameNode): string {
  return join(directory, `name-${node}`);
}

const CORE: readonly (readonly [string, string])[] = [
  ['fs.defaultFS', `hdfs://${NAME_SERVICE}`],
  // Without it, who names no user is Hadoop's dr.who.
  ['hadoop.http.staticuser.user', 'onceproof'],
];

function hdfsProperties(directory: string, role: HdfsRole, ports: HdfsPorts): [string, string][] {
  const isNameNode = role !== 'datanode';
  const perNode = NAME_NODES.flatMap((node): [string, string][] => [
    [`dfs.namenode.rpc-address.${NAME_SERVICE}.${node}`, `127.0.0.1:${ports.rpc[node]}`],
    [`dfs.namenode.http-address.${NAME_SERVICE}.${node}`, `127.0.0.1:${ports.http[node]}`],
    [`dfs.namenode.name.dir.${NAME_SERVICE}.${node}`, `file://${nameDirectory(directory, node)}`],
  ]);
  return [
    ['dfs.nameservices', NAME_SERVICE],
    [`dfs.ha.namenodes.${NAME_SERVICE}`, NAME_NODES.join(',')],
    ...perNode,
    ...(isNameNode ? ([['dfs.ha.namenode.id', role]] satisfies [string, string][]) : []),
    ['dfs.namenode.shared.edits.dir', `file://${join(directory, 'shared-edits')}`],
    [`dfs.client.failover.proxy.provider.${NAME_SERVICE}`, PROXY_PROVIDER],
    ['dfs.ha.fencing.methods', 'shell(/bin/true)'],
    ['dfs.ha.tail-edits.period', '1s'],
    ['dfs.replication', '1'],
    ['dfs.permissions.superusergroup', 'onceproof'],
    ['dfs.namenode.datanode.registration.ip-hostname-check', 'false'],
    ['dfs.namenode.safemode.extension', '0'],
    // A dead DataNode is known as dead after 12 s instead of 10 minutes.
    ['dfs.heartbeat.interval', '1'],
    ['dfs.namenode.heartbeat.recheck-interval', '1000'],
    ['dfs.datanode.address', `127.0.0.1:${ports.data}`],
    ['dfs.datanode.ipc.address', `127.0.0.1:${ports.dataIpc}`],
    ['dfs.datanode.http.address', `127.0.0.1:${ports.dataHttp}`],
    ['dfs.datanode.hostname', '127.0.0.1'],
    ['dfs.datanode.data.dir', `file://${join(directory, 'data')}`],
    // It lives among others' files: half a full disk must not stop it.
    ['dfs.datanode.du.reserved', '0'],
  ];
}

const PROXY_PROVIDER = 'org.apache.hadoop.hdfs.server.namenode.ha.ConfiguredFailoverProxyProvider';

const LOGGING = `log4j.rootLogger=INFO,console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.target=System.err
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %p %c{2}: %m%n
`;

/** The jars carry no web pages, and the servers do not start without the folders of theirs. */
const WEB_FOLDERS = ['hdfs', 'datanode', 'static'];

export async function writeConfiguration(
  directory: string,
  role: HdfsRole,
  ports: HdfsPorts,
): Promise<void> {
  const place = configurationDirectory(directory, role);
  for (const folder of WEB_FOLDERS) {
    await mkdir(join(place, 'webapps', folder), { recursive: true });
  }
  const core = [...CORE, ['hadoop.tmp.dir', join(directory, 'tmp')] as const];
  await writeFile(join(place, 'core-site.xml'), configurationXml(core));
  const hdfs = hdfsProperties(directory, role, ports);
  await writeFile(join(place, 'hdfs-site.xml'), configurationXml(hdfs));
  await writeFile(join(place, 'log4j.properties'), LOGGING);
}

/** None of our names and values has a character that XML would mind. */
function configurationXml(properties: readonly (readonly [string, string])[]): string {
  const lines = properties.map(
    ([name, value]) => `  <property><name>${name}</name><value>${value}</value></property>`,
  );
  return ['<configuration>', ...lines, '</configuration>', ''].join('\n');
}
