// A real HDFS answers as the simulated one does, request by request.

import { parseWebHdfsPlace } from '../../../engine/checkpoint/hdfs/web-hdfs-place.ts';
import { nodeHttpClient } from '../../../engine/environment/node/node-http-client.ts';
import { webHdfsContract } from '../../../simulator/services/hdfs/web-hdfs.contract.ts';
import { variableOf } from '../variable.ts';

const http = nodeHttpClient();
const user = 'onceproof';
const { nameNodes } = parseWebHdfsPlace(variableOf('ONCEPROOF_HDFS_URL'));
let count = 0;

webHdfsContract('HDFS', async () => {
  const nameNode = await activeOf(nameNodes);
  const root = `/wire/${process.pid}-${count++}`;
  const url = `${nameNode}/webhdfs/v1${root}?op=MKDIRS&user.name=${user}`;
  await http.send({ method: 'PUT', url });
  return { http, nameNode, root, user, settle: (promise) => promise };
});

/** A standby refuses even to look. */
async function activeOf(candidates: readonly string[]): Promise<string> {
  for (const candidate of candidates) {
    const url = `${candidate}/webhdfs/v1/?op=GETFILESTATUS&user.name=${user}`;
    const { status } = await http.send({ method: 'GET', url });
    if (status === 200) return candidate;
  }
  throw new Error('Cannot find an active NameNode');
}
