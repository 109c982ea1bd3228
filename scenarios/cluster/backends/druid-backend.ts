// Checkpoints as rows of a simulated Druid, on a host and a disk of its own, whose tasks and
// segments are quick for Druid and slow for a file system. Working state is on the heap.

import { checkpointStorageAt } from '../../../engine/checkpoint/storage-at.ts';
import type { DruidOptions } from '../../../engine/checkpoint/druid/druid-options.ts';
import { address } from '../../../engine/environment/network.ts';
import { DruidStateBackend } from '../../../engine/state/druid-state-backend.ts';
import { ServiceFaults, SimulatedDisk } from '../../../simulator/index.ts';
import { bootDruid } from '../../../simulator/services/druid/boot-druid.ts';
import { RowDamage } from '../../../simulator/services/druid/row-damage.ts';
import type { SimulatedDruidOptions } from '../../../simulator/services/druid/simulated-druid.ts';
import type { OpenBackend } from './backend-profile.ts';
import { druidArtefacts } from './druid-artefacts.ts';

const HOST = address('druid');
const CLIENT: DruidOptions = { url: `http://${HOST}:8888` };
const SERVER: SimulatedDruidOptions = {
  work: { minMs: 20, maxMs: 100 },
  lag: { minMs: 10, maxMs: 300 },
};

export interface DruidBackendOptions {
  readonly datasourcePrefix?: string;
}

/** Druid that is used in another way than for scenarios. */
export function druidBackend(options: DruidBackendOptions): OpenBackend {
  return ({ world, job }) => {
    const disk = new SimulatedDisk({ random: world.random.fork('druid/disk') });
    const faults = new ServiceFaults();
    const damage = new RowDamage();
    world.addHost(HOST, {
      disk,
      boot: (environment) => bootDruid(environment, { ...SERVER, damage }, { faults }),
    });
    const place = `druid://${HOST}:8888`;
    const storage = checkpointStorageAt({ place, druid: options }, (path) => path);
    const client = { ...CLIENT, ...options };
    return {
      stateBackend: () => new DruidStateBackend(),
      checkpointStorage: storage,
      clients: { druid: options },
      savepointDirectory: '/savepoints',
      hasLocalDisks: false,
      checkpointTimeFactor: 6,
      readyAfterMs: 0,
      services: [{ address: HOST, disk, faults }],
      artefacts: druidArtefacts({ world, job, storage, client, damage }),
    };
  };
}

export const openDruid: OpenBackend = druidBackend({});
