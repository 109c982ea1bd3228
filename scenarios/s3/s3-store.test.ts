// The engine's S3 store against the simulated server, over the virtual network: the contract of all
// stores, on good days and on bad ones.

import { artefactStoreContract } from '../../engine/checkpoint/artefact-store.contract.ts';
import { lossy } from '../../simulator/network-rules.ts';
import { startS3World } from './s3-world.ts';

const QUICK = { largeBytes: 120_000 };

artefactStoreContract(
  'S3ArtefactStore',
  async () => {
    const { store, settle } = await startS3World({ server: { pageSize: 1000 } });
    return { store: store(undefined, { partBytes: 65_536 }), root: '/job', settle };
  },
  QUICK,
);

/** On such days, six attempts are sometimes not enough. */
const PATIENT = { partBytes: 65_536, attempts: 15, requestTimeoutMs: 3000 };

artefactStoreContract(
  'S3ArtefactStore on bad days',
  async () => {
    const { world, faults, store, settle } = await startS3World();
    const random = world.random.fork('bad-days');
    world.network.addRule(lossy(random, 20));
    faults.begin({ effect: 'lost', oneIn: 4, random: random.fork('lost') });
    faults.begin({ effect: 'throttled', oneIn: 4, random: random.fork('throttled') });
    faults.begin({ effect: 'server-error', oneIn: 8, random: random.fork('server-error') });
    return { store: store(undefined, PATIENT), root: '/job', settle };
  },
  QUICK,
);
