// What `onceproof diff` and the processes that carry out its two sides say to each other.

import type { RecordedRun } from '../../debug/compare.ts';
import type { ErrorText } from '../worker/messages.ts';

export const SIDE_VARIABLE = 'ONCEPROOF_DIFF_SIDE';

export interface SideRequest {
  /** A run id, or the path of a repro. */
  readonly word: string;
  readonly files: readonly string[];
  readonly mutant: string | undefined;
}

export type FromSide =
  | { readonly kind: 'recorded'; readonly run: RecordedRun }
  | { readonly kind: 'failed'; readonly error: ErrorText };
