// What a state backend needs of a simulated world, and how to get at what it stores there. One
// profile serves one run: whatever it holds dies with that run's world.

import type { StorageClientOptions } from '../../../engine/checkpoint/checkpoint-place.ts';
import type { CheckpointStorage } from '../../../engine/checkpoint/checkpoint-storage.ts';
import type { JobId } from '../../../engine/core/ids.ts';
import type { Address } from '../../../engine/environment/network.ts';
import type { StateBackend } from '../../../engine/state/state-backend.ts';
import type { ServiceFaults, SimulatedDisk, World } from '../../../simulator/index.ts';

/** A host beside the cluster's, of whoever keeps checkpoints. */
export interface ServiceHost {
  readonly address: Address;
  readonly disk: SimulatedDisk;
  /** Of the HTTP that it answers; outlive its crashes. */
  readonly faults: ServiceFaults;
}

export type Artefacts = ReadonlyMap<string, Uint8Array>;

/**
 * The artefacts of checkpoints, seen and changed by somebody who is no part of the cluster: for
 * checkers and for corruption. Paths are those that the engine names in errors. Answers may come at
 * once or later, as a step of the world.
 */
export interface ArtefactKeeper {
  /** All that are there, in ascending order of path; undefined if they cannot be had. */
  readAll(then: (artefacts: Artefacts | undefined) => void): void;
  /** Replaces their bytes for good, or removes them: undefined. Tells whether that was possible. */
  change(
    changes: ReadonlyMap<string, Uint8Array | undefined>,
    then: (isDone: boolean) => void,
  ): void;
}

export interface BackendProfile {
  /** One for each job graph. */
  readonly stateBackend: () => StateBackend;
  /** Of every host of the cluster; undefined where the backend brings its own. */
  readonly checkpointStorage: CheckpointStorage | undefined;
  /** What another job has to tell the client of that storage, to read a savepoint there. */
  readonly clients?: StorageClientOptions;
  /** Where savepoints go. */
  readonly savepointDirectory: string;
  /** TaskManagers have disks of their own to work on. */
  readonly hasLocalDisks: boolean;
  /**
   * Checkpoints take about so many times as long as in a directory: so do their intervals and
   * timeouts, whatever a scenario has.
   */
  readonly checkpointTimeFactor: number;
  /** From when on the services work, if nothing happens to them. */
  readonly readyAfterMs: number;
  /** In the world already when the profile is opened. */
  readonly services: readonly ServiceHost[];
  readonly artefacts: ArtefactKeeper;
}

export interface BackendStage {
  readonly world: World;
  /** The volume that all hosts of the cluster share. */
  readonly disk: SimulatedDisk;
  /** Of the job that was submitted last. */
  readonly job: () => JobId;
}

export type OpenBackend = (stage: BackendStage) => BackendProfile;
