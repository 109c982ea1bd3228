// The processes of a small HDFS and the ports they take.

export const NAME_NODES = ['nn1', 'nn2'] as const;
export type NameNode = (typeof NAME_NODES)[number];
export type HdfsRole = NameNode | 'datanode';

export interface HdfsPorts {
  readonly rpc: Readonly<Record<NameNode, number>>;
  readonly http: Readonly<Record<NameNode, number>>;
  readonly data: number;
  readonly dataIpc: number;
  readonly dataHttp: number;
}

export function hdfsPorts(ports: readonly number[]): HdfsPorts {
  const [rpc1 = 0, rpc2 = 0, http1 = 0, http2 = 0, data = 0, dataIpc = 0, dataHttp = 0] = ports;
  return {
    rpc: { nn1: rpc1, nn2: rpc2 },
    http: { nn1: http1, nn2: http2 },
    data,
    dataIpc,
    dataHttp,
  };
}

export const HDFS_PORT_COUNT = 7;
