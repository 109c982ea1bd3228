// Who judges a run, and what there is to judge. A checker looks at a finished run's history and
// says valid, unknown or invalid, with how many things it looked at: a verdict over nothing is
// worthless.

import type { EngineEvent } from '../../engine/runtime/observer.ts';
import type { Guarantee } from '../guarantee.ts';
import type {
  JobStart,
  ObservedHost,
  ObservedOperation,
  OutputEvent,
  OwnedFile,
  StorageEvent,
} from './observations.ts';

export interface TimedEvent {
  readonly timeMs: number;
  readonly event: EngineEvent;
  /** Whose process told it, and which life of that process: its boots are counted from 1. */
  readonly host?: string;
  readonly boot?: number;
}

/** A committer made the output of a checkpoint visible, or found it visible. */
export interface ObservedCommit {
  readonly timeMs: number;
  readonly checkpoint: number;
  /** Names what was committed; the same for every repetition. */
  readonly committable: string;
  /** The newest checkpoint that was complete at that moment; 0 if none. */
  readonly completedUpTo: number;
}

export interface FinishedFile {
  readonly path: string;
  readonly outputs: readonly unknown[];
}

/** How the job ended. */
export type JobEnd =
  | { readonly kind: 'finished' }
  | { readonly kind: 'failed'; readonly cause: string; readonly code: string | undefined }
  /** It did not end within its bound. `waits`: who waited for whom, a line each. */
  | { readonly kind: 'stuck'; readonly explanation: string; readonly waits?: readonly string[] }
  /** A host broke. */
  | { readonly kind: 'broken'; readonly explanation: string };

export interface History {
  readonly guarantee: Guarantee;
  /** Of the backend: see BackendProfile. 1, if absent. */
  readonly checkpointTimeFactor?: number;
  readonly mayRefuse: boolean;
  /** What is seen of the state of a checkpoint becomes less as time passes. */
  readonly stateExpires?: boolean;
  /** Codes of the errors with which the engine may refuse to go on. None, if absent. */
  readonly refusals?: readonly string[];
  readonly end: JobEnd;
  readonly records: readonly unknown[];
  readonly expected: readonly unknown[];
  readonly settle: (outputs: readonly unknown[]) => readonly unknown[];
  readonly project: (output: unknown) => unknown;
  readonly accountsFor: ((output: unknown) => readonly string[]) | undefined;
  readonly idOf: ((record: unknown) => string) | undefined;
  /** Output files under their final names, as they would survive a loss of power now. */
  readonly durableOutput: readonly FinishedFile[];
  readonly events: readonly TimedEvent[];
  readonly commits: readonly ObservedCommit[];
  /** Files below the checkpoint directory when all was over. */
  readonly checkpointFiles: readonly string[];
  /** Files on the TaskManagers' own disks when all was over. */
  readonly localFiles: readonly string[];
  /** Output files that are not under a final name when all was over. */
  readonly unfinishedFiles: readonly string[];
  /** Artefacts that a fault has damaged. */
  readonly damaged: readonly string[];
  /** How many checkpoints the job keeps. 1, if absent. */
  readonly retainedCheckpoints?: number;
  /** From when on nothing was done to it any more. Unknown, if absent. */
  readonly healedAtMs?: number;
  /** Something kept disks or services from doing what they were asked. */
  readonly hadStorageFaults?: boolean;
  /** Of checkpoints' artefacts, as somebody saw them who looked at the storage meanwhile. */
  readonly storage?: readonly StorageEvent[];
  /** Of sinks and their output. */
  readonly output?: readonly OutputEvent[];
  /** As they were when all was over. */
  readonly hosts?: readonly ObservedHost[];
  /** Jobs that were submitted in the place of the first one. None, if absent. */
  readonly laterJobs?: readonly JobStart[];
  /** What was asked of them while they ran. */
  readonly operations?: readonly ObservedOperation[];
  /** What is there in the end of the files that operations told of. */
  readonly ownedFiles?: readonly OwnedFile[];
  /** Of the same seed on the backend that the scenario compares with, if it does. */
  readonly reference?: History | undefined;
}

export interface Finding {
  readonly verdict: 'valid' | 'unknown' | 'invalid';
  /** How many things were looked at. 0: the property was never exercised. */
  readonly evaluated: number;
  readonly message?: string;
  readonly expected?: readonly string[];
  readonly actual?: readonly string[];
}

export interface Checker {
  /** Kebab-case; appears in reports and run results: never renamed lightly. */
  readonly name: string;
  readonly explanation: string;
  readonly check: (history: History) => Finding;
}

export function valid(evaluated: number): Finding {
  return { verdict: 'valid', evaluated };
}

/** There was nothing to look at: reports show it as hollow, not as held. */
export const NOT_EXERCISED: Finding = { verdict: 'valid', evaluated: 0 };

/**
 * Of a job that stands still: with who waits for whom. Only the first line of a message tells one
 * kind of violation from another, and it stays as it is.
 */
export function withWaits(message: string, end: JobEnd): string {
  const waits = end.kind === 'stuck' ? (end.waits ?? []) : [];
  return [message, ...(waits.length === 0 ? [] : ['', ...waits])].join('\n');
}

export function unknown(message: string): Finding {
  return { verdict: 'unknown', evaluated: 0, message };
}

export function invalid(
  evaluated: number,
  message: string,
  difference: Pick<Finding, 'expected' | 'actual'> = {},
): Finding {
  return { verdict: 'invalid', evaluated, message, ...difference };
}
