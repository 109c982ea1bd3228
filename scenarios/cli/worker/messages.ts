// What the command line and its worker processes say to each other. Everything here is plain data,
// because it crosses a process boundary as JSON.

import type { RunResult } from '../../simulate.ts';
import type { TraceEvent } from '../../../reports/index.ts';

export interface RunRequest {
  /** The place of the result in the log, from 0. */
  readonly sequence: number;
  readonly scenario: string;
  readonly backend: string;
  readonly seed: string;
  /** Run a second time and compare. */
  readonly isRepeated: boolean;
  /** `findings`: a violation of a new kind is run again to record what happened. */
  readonly record: 'never' | 'findings' | 'all';
  /** The text of a repro file, which is run instead of the seed. */
  readonly repro?: string;
}

export interface ErrorText {
  readonly code: string | undefined;
  readonly message: string;
  readonly place: string | undefined;
  readonly remedy: string | undefined;
  readonly stack: string | undefined;
}

export interface RunDone {
  readonly kind: 'run-done';
  readonly sequence: number;
  readonly result: RunResult;
  readonly wallMs: number;
  readonly trace: readonly TraceEvent[] | undefined;
  readonly repeat: RepeatOutcome | undefined;
}

export type RepeatOutcome =
  | { readonly kind: 'same' }
  | { readonly kind: 'different'; readonly firstDifference: string };

/** The run could not be carried out; that says nothing about the engine. */
export interface RunFailed {
  readonly kind: 'run-failed';
  readonly sequence: number;
  readonly error: ErrorText;
}

export type ToWorker = { readonly kind: 'batch'; readonly runs: readonly RunRequest[] };

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'load-failed'; readonly error: ErrorText }
  | RunDone
  | RunFailed;

/**
 * How a worker is told what to load: the environment, because it has to be known before loading.
 */
export const WORKER_VARIABLES = {
  files: 'ONCEPROOF_WORKER_FILES',
  mutant: 'ONCEPROOF_WORKER_MUTANT',
} as const;
