// Artefacts in a store that a service keeps, as an administrator reaches them: over the network,
// with the engine's own client.

import type { ArtefactStore } from '../../../engine/checkpoint/artefact-store.ts';
import type { Environment } from '../../../engine/environment/environment.ts';
import { FileSystemError } from '../../../engine/environment/filesystem.ts';
import type { World } from '../../../simulator/index.ts';
import { Administrator } from './administrator.ts';
import type { ArtefactKeeper, Artefacts } from './backend-profile.ts';

export interface StoreArtefactsOptions {
  readonly world: World;
  readonly open: (environment: Environment) => ArtefactStore;
  /** Below it lie checkpoints, and no savepoints. */
  readonly directory: string;
  /** Names in it that are something else. */
  readonly except?: readonly string[];
}

export function storeArtefacts(options: StoreArtefactsOptions): ArtefactKeeper {
  const { world, open } = options;
  const administrator = new Administrator(world);
  return {
    readAll: (then) => administrator.perform((host) => readTree(open(host), options), then),
    change: (changes, then) =>
      administrator.perform(
        (host) => replaceAll(open(host), changes),
        (done) => then(done ?? false),
      ),
  };
}

async function readTree(
  store: ArtefactStore,
  { directory, except = [] }: StoreArtefactsOptions,
): Promise<Artefacts> {
  const artefacts = new Map<string, Uint8Array>();
  const walk = async (at: string): Promise<void> => {
    const status = await store.status(at);
    if (status?.kind === 'file') {
      const bytes = await readIfThere(store, at);
      if (bytes !== undefined) artefacts.set(at, bytes);
    }
    if (status?.kind !== 'directory') return;
    for (const name of await store.list(at)) await walk(`${at === '/' ? '' : at}/${name}`);
  };
  for (const name of await store.list(directory)) {
    if (!except.includes(name)) await walk(`${directory === '/' ? '' : directory}/${name}`);
  }
  return artefacts;
}

/** Undefined: the cluster has removed it meanwhile. */
async function readIfThere(store: ArtefactStore, path: string): Promise<Uint8Array | undefined> {
  try {
    return await store.read(path);
  } catch (error) {
    if (error instanceof FileSystemError && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function replaceAll(
  store: ArtefactStore,
  changes: ReadonlyMap<string, Uint8Array | undefined>,
): Promise<boolean> {
  for (const [path, bytes] of changes) {
    await store.remove(path);
    if (bytes === undefined) continue;
    const writer = await store.create(path);
    await writer.write(bytes);
    await writer.close();
  }
  return true;
}
