// Checkpoints in the simulated Druid: the contract, in a calm world.

import { druidStorageContract } from '../../engine/checkpoint/druid/druid-storage.contract.ts';
import { DruidWorld } from './druid-world.ts';

druidStorageContract('SimulatedDruid', () => new DruidWorld().bench());
