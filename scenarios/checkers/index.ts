// The checkers that judge every run, in the order of reports.

import type { Checker } from './checker.ts';
import { idsUsedOnce, restoresNewest } from './checkpoint-checkers.ts';
import { equalsModel, ledger } from './output-checkers.ts';
import {
  hygiene,
  liveness,
  noEarlyCommit,
  restoredStateIsSnapshottedState,
  watermarksRise,
} from './protocol-checkers.ts';

export const STANDARD_CHECKERS: readonly Checker[] = [
  ledger,
  equalsModel,
  noEarlyCommit,
  restoresNewest,
  idsUsedOnce,
  restoredStateIsSnapshottedState,
  watermarksRise,
  hygiene,
  liveness,
];
