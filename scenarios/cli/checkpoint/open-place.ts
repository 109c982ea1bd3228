// The place that a user names, opened for reading: a directory of this machine, or the URL of a
// storage that keeps files. Nothing is written there.

import { resolve } from 'node:path';
import { checkpointStorageAt, schemeOf } from '../../../engine/checkpoint/storage-at.ts';
import type { Encryption } from '../../../engine/checkpoint/encryption-keys.ts';
import { type CheckpointReader, readerOf } from '../../../engine/checkpoint/examine-checkpoint.ts';
import {
  type Located,
  locateCheckpoints,
  type LocatedGroup,
} from '../../../engine/checkpoint/locate-checkpoints.ts';
import { encrypted } from '../../../engine/checkpoint/secured-checkpoint-storage.ts';
import { StoreCheckpointStorage } from '../../../engine/checkpoint/store-checkpoint-storage.ts';
import { OnceproofError } from '../../../engine/core/errors.ts';
import { nodeEnvironment } from '../../../engine/environment/node/node-environment.ts';
import { openDruid } from './open-druid.ts';

export interface OpenedPlace {
  readonly reader: CheckpointReader;
  readonly groups: readonly LocatedGroup[];
}

/** OP-E575 nothing there, OP-E576 no checkpoint, OP-E578 a place that keeps no files. */
export async function openPlace(
  place: string,
  encryption: Encryption | undefined,
): Promise<OpenedPlace> {
  // The metadata file stands for its checkpoint; a slash at the end says nothing.
  const bare = place.replace(/(?<=.)\/+$/, '');
  const environment = nodeEnvironment();
  if (schemeOf(bare) === 'druid') {
    const { reader, located } = await openDruid(bare, environment, encryption);
    return { reader, groups: groupsOf(located, bare, place) };
  }
  const storage = checkpointStorageAt(bare, (path) => resolve(path));
  if (!(storage instanceof StoreCheckpointStorage)) {
    throw new OnceproofError('OP-E578', 'Cannot look for checkpoints: it keeps no files', {
      place,
      remedy: 'Name a directory, or a URL that begins with webhdfs://, s3:// or druid://',
    });
  }
  const store = encrypted(storage.openStore(environment), encryption, environment);
  const located = await locateCheckpoints(store, storage.baseDirectory);
  return {
    reader: readerOf(store),
    groups: groupsOf(located, store.describe(storage.baseDirectory), place),
  };
}

function groupsOf(located: Located, described: string, place: string): readonly LocatedGroup[] {
  if (located.kind === 'found') return located.groups;
  const isUrl = schemeOf(place) !== undefined;
  if (located.kind === 'missing') {
    throw new OnceproofError('OP-E575', 'Cannot look for checkpoints: there is nothing', {
      place: described,
      remedy: `Check the ${isUrl ? 'URL' : 'path'} for spelling`,
    });
  }
  throw new OnceproofError('OP-E576', 'Cannot find a checkpoint: nothing here looks like one', {
    place: described,
    remedy:
      'Name a checkpoint (chk-<N>), a savepoint, its _metadata, or the directory of a job that ' +
      'has checkpoints; in Druid, druid://<router>/<job>',
  });
}
