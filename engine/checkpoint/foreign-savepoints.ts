// Lets a job start from a savepoint, or a retained checkpoint, that lies in another storage than
// its own: on a URL, `file://` included. Such a snapshot is only ever read. Paths of its artefacts
// are URLs from the moment its metadata is read, so every host knows where to look.

import { OnceproofError } from '../core/errors.ts';
import type { StateHandle } from '../state/state-handle.ts';
import type { CheckpointStorageAccess, CheckpointStorageContext } from './checkpoint-storage.ts';
import { relocateArtefacts } from './relocate-artefacts.ts';
import type { SnapshotClients } from './restore-place.ts';
import { checkpointStorageAt, schemeOf } from './storage-at.ts';

const URL_PARTS = /^([a-z][a-z0-9+.-]*:\/\/[^/?#]*)([^?#]*)/;

export interface ForeignSavepointOptions {
  /** The job's own. */
  readonly access: CheckpointStorageAccess;
  readonly context: CheckpointStorageContext;
  /** Of the places that snapshots are read from. */
  readonly clients?: SnapshotClients;
}

/** OP-E509, as before, for what is neither the job's own nor a URL. */
export function withForeignSavepoints(options: ForeignSavepointOptions): CheckpointStorageAccess {
  const { access, context } = options;
  const { apart, ...clients } = options.clients ?? {};
  const { coordinator, worker } = access;
  const opened = new Map<string, CheckpointStorageAccess>();

  /** One for each server or bucket. */
  const foreign = (url: string): CheckpointStorageAccess => {
    const root = `${URL_PARTS.exec(url)?.[1] ?? url}/`;
    const known = opened.get(root);
    if (known !== undefined) return known;
    const place = root.startsWith('druid:') ? root.slice(0, -1) : root;
    const storage = checkpointStorageAt({ ...clients, place }, (path) => path);
    const made = storage.open(context);
    opened.set(root, made);
    return made;
  };

  const pathOf = (place: string): string => {
    if (apart !== undefined && isWithin(place, apart)) return urlOf(place);
    try {
      return coordinator.pathOf(place);
    } catch (error) {
      const isElsewhere = error instanceof OnceproofError && error.code === 'OP-E509';
      if (!isElsewhere || schemeOf(place) === undefined) throw error;
      return urlOf(place);
    }
  };

  const readFrom = (handle: StateHandle): Promise<Uint8Array> => {
    if (!isForeign(handle)) return worker.read(handle);
    const there = foreign(handle.path);
    return there.worker.read({ ...handle, path: there.coordinator.pathOf(handle.path) });
  };

  return {
    worker: {
      streamsFor: (checkpoint, directory) => worker.streamsFor(checkpoint, directory),
      read: readFrom,
      isOwn: (handle) => !isForeign(handle) && worker.isOwn(handle),
    },
    coordinator: {
      initializeBase: (job) => coordinator.initializeBase(job),
      initializeCheckpoint: (job, checkpoint) => coordinator.initializeCheckpoint(job, checkpoint),
      initializeSavepoint: (job, target, random) =>
        coordinator.initializeSavepoint(job, target, random),
      storeMetadata: (metadata) => coordinator.storeMetadata(metadata),
      pathOf,
      metadataPlace: (job, checkpoint) => coordinator.metadataPlace(job, checkpoint),
      listCheckpoints: (job) => coordinator.listCheckpoints(job),
      confirm: (job, checkpoint) => coordinator.confirm(job, checkpoint),
      readMetadata: async (pointer) => {
        const place = pathOf(pointer);
        if (schemeOf(place) === undefined) return coordinator.readMetadata(pointer);
        const [, root = '', path = ''] = URL_PARTS.exec(place) ?? [];
        const bytes = await foreign(place).coordinator.readMetadata(place);
        return relocateArtefacts(bytes, { root, path: path.replace(/\/_metadata$/, '') });
      },
      discardCheckpoint: (job, checkpoint) => coordinator.discardCheckpoint(job, checkpoint),
      discard: (handles) => coordinator.discard(handles.filter((handle) => !isForeign(handle))),
      sweep: (job, retained, shared, begun) => coordinator.sweep(job, retained, shared, begun),
      removeJob: (job) => coordinator.removeJob(job),
    },
  };
}

/** Without a query, and without a slash at its end. */
function urlOf(place: string): string {
  const [, root = '', path = ''] = URL_PARTS.exec(place) ?? [];
  return `${root}${path.replace(/\/+$/, '')}`;
}

function isWithin(place: string, directory: string): boolean {
  return place === directory || place.startsWith(`${directory}/`);
}

function isForeign(handle: StateHandle): handle is Extract<StateHandle, { kind: 'file' }> {
  return handle.kind === 'file' && schemeOf(handle.path) !== undefined;
}
