// A simulated HDFS as hosts of a world: one NameNode or a pair on a shared disk for their edits,
// and a DataNode with a disk of its own. All of them may crash, and lose nothing acknowledged.

import { type Address, address } from '../../../engine/environment/network.ts';
import { SimulatedDisk } from '../../filesystem/simulated-disk.ts';
import type { World } from '../../world.ts';
import { ServiceFaults } from '../service-faults.ts';
import { bootDataNode } from './data-node.ts';
import { bootNameNode, type NameNodeOptions } from './name-node.ts';

export interface HdfsClusterOptions extends Omit<NameNodeOptions, 'peer' | 'dataNodes' | 'faults'> {
  /** `nn-1`, or `nn-1` and `nn-2` by default. */
  readonly nameNodes?: 1 | 2;
}

export interface HdfsCluster {
  readonly nameNodes: readonly Address[];
  readonly dataNode: Address;
  /** For a client's `nameNodes`. */
  readonly urls: readonly string[];
  /** `/edits` of the NameNodes. */
  readonly editDisk: SimulatedDisk;
  /** `/blocks` of the DataNode. */
  readonly blockDisk: SimulatedDisk;
  readonly faults: ReadonlyMap<Address, ServiceFaults>;
}

export function addHdfs(world: World, options: HdfsClusterOptions = {}): HdfsCluster {
  const { nameNodes: count = 2, ...nodeOptions } = options;
  const nameNodes = ['nn-1', 'nn-2'].slice(0, count).map(address);
  const dataNode = address('dn-1');
  const faults = new Map([...nameNodes, dataNode].map((host) => [host, new ServiceFaults()]));
  const faultsOf = (host: Address) => {
    const own = faults.get(host);
    return own === undefined ? {} : { faults: own };
  };
  const random = world.random.fork('hdfs');
  const editDisk = new SimulatedDisk({ random: random.fork('edits') });
  const blockDisk = new SimulatedDisk({ random: random.fork('blocks') });
  for (const host of nameNodes) {
    const peer = nameNodes.find((other) => other !== host);
    world.addHost(host, {
      disk: editDisk,
      boot: (environment) => {
        const paired = peer === undefined ? {} : { peer };
        bootNameNode(environment, { ...nodeOptions, ...paired, ...faultsOf(host) });
      },
    });
  }
  const { blockSizeBytes } = nodeOptions;
  world.addHost(dataNode, {
    disk: blockDisk,
    boot: (environment) => {
      const sized = blockSizeBytes === undefined ? {} : { blockSizeBytes };
      bootDataNode(environment, { nameNodes, ...sized, ...faultsOf(dataNode) });
    },
  });
  const urls = nameNodes.map((host) => `http://${host}:9870`);
  return { nameNodes, dataNode, urls, editDisk, blockDisk, faults };
}
