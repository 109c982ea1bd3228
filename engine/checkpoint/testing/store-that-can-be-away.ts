// An ArtefactStore that can be out of reach: then every call fails as one does that no answer came
// to, before it has any effect.

import { FileSystemError } from '../../environment/filesystem.ts';
import type { ArtefactStore } from '../artefact-store.ts';

export class Reachability {
  isAway = false;
}

export function storeThatCanBeAway(store: ArtefactStore, reach: Reachability): ArtefactStore {
  const via = async <R>(path: string, run: () => Promise<R>): Promise<R> => {
    if (reach.isAway) throw new FileSystemError('EIO', 'reach', path);
    return run();
  };
  return {
    describe: (path) => store.describe(path),
    pathOf: (place) => store.pathOf(place),
    create: (path) => via(path, () => store.create(path)),
    publish: (path, bytes, token) => via(path, () => store.publish(path, bytes, token)),
    confirm: (path) => via(path, () => store.confirm(path)),
    read: (path, offset, length) => via(path, () => store.read(path, offset, length)),
    status: (path) => via(path, () => store.status(path)),
    list: (path) => via(path, () => store.list(path)),
    makeDirectory: (path) => via(path, () => store.makeDirectory(path)),
    unpublish: (path) => via(path, () => store.unpublish(path)),
    remove: (path) => via(path, () => store.remove(path)),
    removeTree: (path) => via(path, () => store.removeTree(path)),
  };
}
