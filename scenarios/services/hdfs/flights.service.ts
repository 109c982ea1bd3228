// Exactly once, with checkpoints in a real HDFS.

import { flightsContract } from '../flights.contract.ts';
import { variableOf } from '../variable.ts';

flightsContract('HDFS', {
  kills: 3,
  settings: {
    checkpointStorage: `${variableOf('ONCEPROOF_HDFS_URL')}/flights?user.name=onceproof`,
    recordsPerSecond: 2_000,
  },
});
