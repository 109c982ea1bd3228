// The configuration files of the smallest Druid that ingests and answers SQL: one process of each
// kind it cannot do without, all on loopback. Waiting periods are a second, where Druid's own are a
// minute, because a test waits for them; nothing else departs from its defaults but sizes.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DRUID_SERVERS, type DruidPorts, type DruidServer } from './druid-ports.ts';

type Properties = Readonly<Record<string, string | number>>;

function commonProperties(directory: string, ports: DruidPorts): Properties {
  return {
    'druid.host': '127.0.0.1',
    'druid.extensions.loadList': '[]',
    'druid.extensions.directory': join(directory, 'extensions'),
    'druid.startup.logging.logProperties': 'false',
    'druid.zk.service.host': `127.0.0.1:${ports.zooKeeper}`,
    // A process that was killed is missed, and one that came back is found, after that time.
    'druid.zk.service.sessionTimeoutMs': 10_000,
    'druid.metadata.storage.type': 'derby',
    'druid.metadata.storage.connector.connectURI': `jdbc:derby://127.0.0.1:${ports.derby}/${join(
      directory,
      'metadata',
    )};create=true`,
    'druid.metadata.storage.connector.host': '127.0.0.1',
    'druid.metadata.storage.connector.port': ports.derby,
    'druid.storage.type': 'local',
    'druid.storage.storageDirectory': join(directory, 'deep-storage'),
    'druid.indexer.logs.type': 'file',
    'druid.indexer.logs.directory': join(directory, 'task-logs'),
    'druid.selectors.indexing.serviceName': 'druid/overlord',
    'druid.selectors.coordinator.serviceName': 'druid/coordinator',
    'druid.monitoring.monitors': '[]',
    'druid.emitter': 'noop',
    'druid.lookup.enableLookupSyncOnStartup': 'false',
    'druid.server.http.numThreads': 20,
    'druid.processing.buffer.sizeBytes': 8 * 1024 * 1024,
    'druid.processing.numThreads': 1,
    'druid.processing.numMergeBuffers': 2,
    'druid.processing.tmpDir': join(directory, 'tmp'),
  };
}

function serverProperties(directory: string, server: DruidServer): Properties {
  switch (server) {
    case 'coordinator':
      return {
        'druid.coordinator.startDelay': 'PT1S',
        'druid.coordinator.period': 'PT1S',
        'druid.manager.segments.pollDuration': 'PT1S',
        'druid.coordinator.asOverlord.enabled': 'true',
        'druid.coordinator.asOverlord.overlordService': 'druid/overlord',
        'druid.indexer.queue.startDelay': 'PT1S',
        'druid.indexer.runner.type': 'httpRemote',
        // A task whose worker is gone has failed after seconds instead of 5 and 15 minutes.
        'druid.indexer.runner.taskAssignmentTimeout': 'PT15S',
        'druid.indexer.runner.taskCleanupTimeout': 'PT5S',
        // Tasks survive a restart.
        'druid.indexer.storage.type': 'metadata',
      };
    case 'indexer':
      return {
        'druid.worker.capacity': 4,
        'druid.indexer.task.baseTaskDir': join(directory, 'tasks'),
      };
    case 'historical':
      return {
        'druid.segmentCache.locations': JSON.stringify([
          { path: join(directory, 'segment-cache'), maxSize: '10g' },
        ]),
        'druid.server.maxSize': '10g',
      };
    case 'broker':
      return {
        'druid.sql.planner.metadataRefreshPeriod': 'PT1S',
        'druid.broker.http.numConnections': 5,
      };
    case 'router':
      return {
        'druid.router.defaultBrokerServiceName': 'druid/broker',
        'druid.router.coordinatorServiceName': 'druid/coordinator',
        // Otherwise it passes on queries alone.
        'druid.router.managementProxy.enabled': 'true',
      };
  }
}

const LOGGING = `<Configuration status="WARN">
  <Appenders>
    <Console name="console" target="SYSTEM_OUT">
      <PatternLayout pattern="%d{ISO8601} %p [%t] %c{2} - %m%n"/>
    </Console>
  </Appenders>
  <Loggers>
    <Root level="info"><AppenderRef ref="console"/></Root>
  </Loggers>
</Configuration>
`;

/** To be put on the class path of a server, in this order. */
export function configurationPlaces(directory: string, server: DruidServer): string[] {
  return [join(directory, 'conf', 'common'), join(directory, 'conf', server)];
}

export function zooKeeperConfiguration(directory: string): string {
  return join(directory, 'conf', 'zoo.cfg');
}

export async function writeConfiguration(directory: string, ports: DruidPorts): Promise<void> {
  for (const folder of ['extensions', 'deep-storage', 'tmp', 'segment-cache', 'zookeeper']) {
    await mkdir(join(directory, folder), { recursive: true });
  }
  const common = join(directory, 'conf', 'common');
  await mkdir(common, { recursive: true });
  await writeFile(join(common, 'log4j2.xml'), LOGGING);
  await writeProperties(
    join(common, 'common.runtime.properties'),
    commonProperties(directory, ports),
  );
  for (const server of DRUID_SERVERS) {
    const place = join(directory, 'conf', server);
    await mkdir(place, { recursive: true });
    await writeProperties(join(place, 'runtime.properties'), {
      'druid.service': `druid/${server}`,
      'druid.plaintextPort': ports.http[server],
      ...serverProperties(directory, server),
    });
  }
  await writeProperties(zooKeeperConfiguration(directory), {
    dataDir: join(directory, 'zookeeper'),
    clientPort: ports.zooKeeper,
    clientPortAddress: '127.0.0.1',
    'admin.enableServer': 'false',
    tickTime: 2_000,
  });
}

/** None of our names and values has a character that the format would mind. */
async function writeProperties(path: string, properties: Properties): Promise<void> {
  const lines = Object.entries(properties).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(path, lines.join(''));
}
