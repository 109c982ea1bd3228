// Exactly once, with checkpoints in a real S3.

import { flightsContract } from '../flights.contract.ts';
import { variableOf } from '../variable.ts';

flightsContract('S3', {
  kills: 3,
  settings: {
    checkpointStorage: `${variableOf('ONCEPROOF_S3_URL')}/flights`,
    recordsPerSecond: 2_000,
  },
});
