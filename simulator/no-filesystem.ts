// The file system of a host without a disk: every call is a bug of the scenario, and says so.

import { InvariantViolation } from '../engine/core/assert.ts';
import type { FileSystem } from '../engine/environment/filesystem.ts';
import type { Address } from '../engine/environment/network.ts';

export function noFileSystem(owner: Address): FileSystem {
  const refuse = (): never => {
    throw new InvariantViolation(`Cannot use files on host "${owner}": it has no disk`);
  };
  return {
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
}
