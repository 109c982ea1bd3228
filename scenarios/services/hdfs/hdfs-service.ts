// HDFS for the contract suites: an HA pair of NameNodes and a DataNode, spoken to over WebHDFS.

import type { RunningService, ServicePlaces, ServiceRecipe } from '../service.ts';
import { HdfsCluster } from './hdfs-cluster.ts';

const URL_VARIABLE = 'ONCEPROOF_HDFS_URL';

export const HDFS: ServiceRecipe = {
  name: 'hdfs',
  needs: ['java', 'mvn'],
  variable: URL_VARIABLE,
  start,
};

async function start(places: ServicePlaces): Promise<RunningService> {
  const cluster = await HdfsCluster.start(places);
  return {
    name: 'hdfs',
    url: cluster.url,
    version: `${await cluster.version()} (two NameNodes, one DataNode)`,
    variables: new Map([[URL_VARIABLE, cluster.url]]),
    stop: () => cluster.stop(),
  };
}
