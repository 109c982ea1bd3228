// Druid for the contract suites, spoken to through its router.

import type { RunningService, ServicePlaces, ServiceRecipe } from '../service.ts';
import { DruidCluster } from './druid-cluster.ts';

const URL_VARIABLE = 'ONCEPROOF_DRUID_URL';

export const DRUID: ServiceRecipe = {
  name: 'druid',
  needs: ['java', 'mvn'],
  variable: URL_VARIABLE,
  start,
};

async function start(places: ServicePlaces): Promise<RunningService> {
  const cluster = await DruidCluster.start(places);
  return {
    name: 'druid',
    url: cluster.url,
    version: `${await cluster.version()} (with ZooKeeper and Derby)`,
    variables: new Map([[URL_VARIABLE, cluster.url]]),
    stop: () => cluster.stop(),
  };
}
