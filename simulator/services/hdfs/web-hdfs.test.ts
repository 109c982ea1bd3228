// The simulated HDFS speaks as the real one does.

import type { HttpClient } from '../../../engine/environment/http-client.ts';
import { address } from '../../../engine/environment/network.ts';
import { macrotask } from '../../kernel/macrotask.ts';
import { describeOutcome } from '../../kernel/outcome.ts';
import { World } from '../../world.ts';
import { addHdfs } from './hdfs-cluster.ts';
import { type WireBench, webHdfsContract } from './web-hdfs.contract.ts';

webHdfsContract('simulated HDFS', openWire);

async function openWire(): Promise<WireBench> {
  const world = new World({ seed: '0000000000000201', drain: macrotask });
  const { urls } = addHdfs(world, { nameNodes: 1, safeModeMs: 0 });
  let http: HttpClient | undefined;
  world.addHost(address('tm-1'), {
    boot: ({ services }) => {
      http = services.http;
    },
  });
  // Until it is active and has heard of its DataNode.
  await world.run({ until: () => false, deadlineMs: 3_000 });
  if (http === undefined) throw new Error('Cannot do without a client');
  const [nameNode = ''] = urls;
  const settle = <T>(promise: Promise<T>) => settleIn(world, promise);
  await settle(http.send({ method: 'PUT', url: `${nameNode}/webhdfs/v1/base?op=MKDIRS` }));
  return { http, nameNode, root: '/base', user: 'flink', settle };
}

async function settleIn<T>(world: World, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const noted = () => {
    isSettled = true;
  };
  promise.then(noted, noted);
  const outcome = await world.run({ until: () => isSettled, deadlineMs: world.nowMs + 600_000 });
  if (outcome.kind !== 'reached') throw new Error(describeOutcome(outcome));
  return promise;
}
