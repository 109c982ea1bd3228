// A simulated HDFS and one host that uses it, for directed tests of the two together.

import type { Environment } from '../../engine/environment/environment.ts';
import {
  WebHdfsArtefactStore,
  type WebHdfsStoreOptions,
} from '../../engine/checkpoint/hdfs/web-hdfs-artefact-store.ts';
import { address } from '../../engine/environment/network.ts';
import {
  addHdfs,
  describeOutcome,
  type HdfsCluster,
  type HdfsClusterOptions,
  macrotask,
  World,
} from '../../simulator/index.ts';

export const CLIENT = address('tm-1');

export interface HdfsBench {
  readonly world: World;
  readonly hdfs: HdfsCluster;
  /** Of the present life of the client. */
  readonly environment: Environment;
  /** A store as a new life of a client would open it. */
  readonly open: (options?: Partial<WebHdfsStoreOptions>) => WebHdfsArtefactStore;
  /** Lets the world go on until the promise is settled. */
  readonly settle: <T>(promise: Promise<T>) => Promise<T>;
}

export async function hdfsBench(
  seed: string,
  options: HdfsClusterOptions = {},
): Promise<HdfsBench> {
  const world = new World({ seed, drain: macrotask });
  const hdfs = addHdfs(world, options);
  let client: Environment | undefined;
  world.addHost(CLIENT, {
    boot: (environment) => {
      client = environment;
    },
  });
  const settle = <T>(promise: Promise<T>) => settleIn(world, promise);
  await world.run({ until: () => client !== undefined, deadlineMs: 1_000 });
  const open = (changes: Partial<WebHdfsStoreOptions> = {}) => {
    if (client === undefined) throw new Error('Cannot open a store: the client is down');
    return new WebHdfsArtefactStore(client, { nameNodes: hdfs.urls, user: 'flink', ...changes });
  };
  return {
    world,
    hdfs,
    get environment() {
      if (client === undefined) throw new Error('Cannot do anything: the client is down');
      return client;
    },
    open,
    settle,
  };
}

async function settleIn<T>(world: World, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const noted = () => {
    isSettled = true;
  };
  promise.then(noted, noted);
  const deadlineMs = world.nowMs + 1_200_000;
  const outcome = await world.run({ until: () => isSettled, deadlineMs });
  if (outcome.kind !== 'reached') throw new Error(describeOutcome(outcome));
  return promise;
}
