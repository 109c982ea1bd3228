// What a run shows beside the engine's own events: artefacts that come and go, the pointer that the
// next leader starts from, what sinks seal and where their files lie. Plain data, in order of time.

export type StorageEvent =
  /** Paths below the places where checkpoints and savepoints lie. */
  | {
      readonly kind: 'artefacts';
      readonly timeMs: number;
      readonly appeared: readonly string[];
      readonly removed: readonly string[];
    }
  /** A task has finished writing one for a checkpoint. */
  | {
      readonly kind: 'artefact-written';
      readonly timeMs: number;
      readonly path: string;
      readonly checkpoint: number;
    }
  /** The metadata of a checkpoint is being stored, and this is what it refers to. */
  | {
      readonly kind: 'metadata';
      readonly timeMs: number;
      readonly checkpoint: number;
      readonly references: readonly string[];
    }
  /** What a leader that started now would go on from, and what of that it could not read. */
  | {
      readonly kind: 'pointer';
      readonly timeMs: number;
      readonly checkpoint: number;
      readonly missing: readonly string[];
    }
  /** Where JobManagers contend: what leader `epoch` remembers for the next one has changed. */
  | {
      readonly kind: 'leader-file';
      readonly timeMs: number;
      readonly epoch: number;
      readonly name: string;
      readonly text: string;
    }
  /** The result of the job is stored: from here on all may go. */
  | { readonly kind: 'job-over'; readonly timeMs: number };

export type OutputEvent =
  /** `owner`: the fencing token of the attempt. */
  | {
      readonly kind: 'sealed';
      readonly timeMs: number;
      readonly owner: string;
      readonly subtask: number;
      readonly checkpoint: number;
      readonly committable: string;
    }
  /** Begins to clean up what earlier attempts have left, and has done so. */
  | {
      readonly kind: 'sink-opening' | 'sink-opened';
      readonly timeMs: number;
      readonly owner: string;
      readonly subtask: number;
      readonly parallelism: number;
      readonly restoredCheckpoint: number;
    }
  /** It writes, or gives up what it has open: until then it lives. */
  | {
      readonly kind: 'sink-alive';
      readonly timeMs: number;
      readonly owner: string;
      readonly subtask: number;
    }
  /** Files that are not under their final names. */
  | {
      readonly kind: 'unfinished';
      readonly timeMs: number;
      readonly appeared: readonly string[];
      readonly removed: readonly string[];
    };

export interface ObservedHost {
  readonly host: string;
  /** The last one. */
  readonly boot: number;
  readonly state: 'up' | 'paused' | 'down';
}

/** What somebody asked of the running job, and what came of it. */
export interface ObservedOperation {
  readonly kind: string;
  readonly askedMs: number;
  /** Undefined while nobody has heard of it. */
  readonly endedMs?: number;
  /** 'lost': whoever was asked has died, so that nobody knows whether it was done. */
  readonly outcome?: 'done' | 'refused' | 'lost';
  /** Where the snapshot lies that the engine has given its user. */
  readonly savepoint?: string;
  /** Of that snapshot, at that moment. Empty where they are in a service. */
  readonly files: readonly OwnedFile[];
}

export interface OwnedFile {
  readonly path: string;
  readonly digest: string;
}

/** A job that took the place of another one, and where its part of a history begins. */
export interface JobStart {
  readonly job: string;
  /** That one. */
  readonly replaced: string;
  readonly timeMs: number;
  /** So many there were already. */
  readonly events: number;
  readonly storage: number;
  readonly output: number;
  /** Output that earlier jobs have left unfinished. */
  readonly unfinished: readonly string[];
  /** What was kept in its state before may have another form now. */
  readonly isOtherVersion: boolean;
}
