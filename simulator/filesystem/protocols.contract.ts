// Ways to publish a value under a fixed name: the right one, and those known to lose or tear it.
// For tests of the power of the crash model.

import type { FileSystem } from '../../engine/environment/filesystem.ts';

/** Publishes a value; returns once the value is promised to survive. */
export type Publish = (files: FileSystem, value: Uint8Array, round: number) => Promise<void>;

export const CURRENT = '/d/current';

export const right: Publish = async (files, value, round) => {
  await files.write(`/d/tmp-${round}`, value);
  await files.sync(`/d/tmp-${round}`);
  await files.rename(`/d/tmp-${round}`, CURRENT);
  await files.sync('/d');
};

export const KNOWN_BAD: readonly (readonly [name: string, publish: Publish])[] = [
  [
    'rename without syncing the data',
    async (files, value) => {
      await files.write('/d/tmp', value);
      await files.rename('/d/tmp', CURRENT);
      await files.sync('/d');
    },
  ],
  [
    'syncing the data after the rename',
    async (files, value) => {
      await files.write('/d/tmp', value);
      await files.rename('/d/tmp', CURRENT);
      await files.sync(CURRENT);
      await files.sync('/d');
    },
  ],
  [
    'no sync of the directory',
    async (files, value) => {
      await files.write('/d/tmp', value);
      await files.sync('/d/tmp');
      await files.rename('/d/tmp', CURRENT);
    },
  ],
  [
    'writing in place',
    async (files, value) => {
      await files.write(CURRENT, value);
      await files.sync(CURRENT);
      await files.sync('/d');
    },
  ],
  [
    'removing the old before renaming the new',
    async (files, value) => {
      await files.write('/d/tmp', value);
      await files.sync('/d/tmp');
      if ((await files.status(CURRENT)) !== undefined) await files.remove(CURRENT);
      await files.rename('/d/tmp', CURRENT);
      await files.sync('/d');
    },
  ],
  [
    'renaming across directories and syncing only the target',
    async (files, value) => {
      await files.makeDirectory('/staging');
      await files.sync('/');
      await files.write('/staging/tmp', value);
      await files.sync('/staging/tmp');
      await files.rename('/staging/tmp', CURRENT);
      await files.sync('/d');
    },
  ],
  [
    'trusting a sync that succeeds after one that failed',
    async (files, value) => {
      await files.write('/d/tmp', value);
      await files.sync('/d/tmp').catch(() => files.sync('/d/tmp'));
      await files.rename('/d/tmp', CURRENT);
      await files.sync('/d');
    },
  ],
];
