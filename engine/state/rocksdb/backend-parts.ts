// What a RocksDB backend consists of once its store is open.

import type { KeyValueStore } from '../../environment/key-value-store.ts';
import type { RestoredStates } from '../heap/restored-states.ts';
import type { LocalState } from '../state-backend.ts';
import type { StateRegistry } from './state-registry.ts';
import type { UploadedFiles } from './uploaded-files.ts';
import type { TimerQueues } from './timers/timer-queues.ts';
import type { WorkingSet } from './working-set.ts';

export interface RocksDBBackendParts {
  readonly operatorName: string;
  readonly now: () => number;
  readonly working: WorkingSet;
  readonly registry: StateRegistry;
  readonly restored: RestoredStates;
  readonly uploaded: UploadedFiles;
  readonly local: LocalState;
  /** The working directory; the store is below it. */
  readonly directory: string;
  readonly isIncremental: boolean;
  readonly timers: TimerQueues;
  /** With the driver and the options of the store itself. */
  readonly openForReading: (directory: string) => Promise<KeyValueStore>;
}
