// Exactly once, with checkpoints in a real Druid.

import { flightsContract } from '../flights.contract.ts';
import { variableOf } from '../variable.ts';

flightsContract('Druid', {
  kills: 3,
  settings: {
    backend: 'druid',
    checkpointStorage: variableOf('ONCEPROOF_DRUID_URL'),
    // A checkpoint takes Druid seconds: the feed is slowed down, so that there are several.
    checkpointIntervalMs: 1_000,
    recordsPerSecond: 800,
  },
});
