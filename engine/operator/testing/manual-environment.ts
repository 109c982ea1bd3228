// An Environment for operators under test: manual time, seeded chance, and neither files nor a
// network, which are refused when used.

import { assert } from '../../core/assert.ts';
import type { Environment } from '../../environment/environment.ts';
import type { FileSystem } from '../../environment/filesystem.ts';
import { address } from '../../environment/network.ts';
import { SeededRandom } from '../../environment/seeded-random.ts';
import type { ManualProcessingTime } from './manual-processing-time.ts';

export function manualEnvironment(time: ManualProcessingTime): Environment {
  return {
    clock: {
      now: () => time.now(),
      wallTime: () => time.now(),
      schedule: (delayMs, wake) => time.schedule(time.now() + delayMs, wake),
    },
    network: { local: address('harness'), send: refuse, listen: refuse },
    filesystem: NO_FILES,
    random: new SeededRandom('operator-harness'),
    expectContinuations: () => undefined,
  };
}

function refuse(): never {
  assert(false, 'Cannot leave the operator harness: it has no network and no files');
}

const NO_FILES: FileSystem = {
  read: refuse,
  write: refuse,
  create: refuse,
  append: refuse,
  truncate: refuse,
  sync: refuse,
  rename: refuse,
  link: refuse,
  remove: refuse,
  makeDirectory: refuse,
  list: refuse,
  status: refuse,
};
