// Artefacts that are files of the shared volume, under the paths that the engine gives them. Seen
// and changed on the device itself, at once.

import type { SimulatedDisk } from '../../../simulator/index.ts';
import type { ArtefactKeeper } from './backend-profile.ts';

export function directoryArtefacts(
  disk: SimulatedDisk,
  directories: readonly string[],
): ArtefactKeeper {
  return {
    readAll(then) {
      const view = disk.snapshotView();
      then(new Map(directories.flatMap((directory) => [...view.readAll(`${directory}/`)])));
    },
    change(changes, then) {
      for (const [path, bytes] of changes) {
        if (bytes === undefined) disk.removeFile(path);
        else disk.overwrite(path, bytes);
      }
      then(true);
    },
  };
}
