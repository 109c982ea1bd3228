// The processes of a small Druid and the ports they take.

/** The coordinator is the overlord as well; the indexer runs tasks in its own process. */
export const DRUID_SERVERS = ['coordinator', 'indexer', 'historical', 'broker', 'router'] as const;
export type DruidServer = (typeof DRUID_SERVERS)[number];

export interface DruidPorts {
  readonly http: Readonly<Record<DruidServer, number>>;
  readonly zooKeeper: number;
  readonly derby: number;
}

export function druidPorts(ports: readonly number[]): DruidPorts {
  const [coordinator = 0, indexer = 0, historical = 0, broker = 0, router = 0] = ports;
  const [, , , , , zooKeeper = 0, derby = 0] = ports;
  return { http: { coordinator, indexer, historical, broker, router }, zooKeeper, derby };
}

export const DRUID_PORT_COUNT = 7;
