// Checkpoints in a real Druid.

import { druidStorageContract } from '../../../engine/checkpoint/druid/druid-storage.contract.ts';
import { nodeEnvironment } from '../../../engine/environment/node/node-environment.ts';
import { variableOf } from '../variable.ts';

druidStorageContract('Druid', () =>
  Promise.resolve({
    environment: nodeEnvironment(),
    options: { url: variableOf('ONCEPROOF_DRUID_URL') },
    settle: (promise) => promise,
  }),
);
