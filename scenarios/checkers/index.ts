// The checkers that judge every run, in the order of reports. docs/oracles.md says which property
// of Flink's each stands for, what it looks at and what it cannot see.

import { channelsKeepRecords } from './channel-checkers.ts';
import type { Checker } from './checker.ts';
import { idsUsedOnce, restoresNewest } from './checkpoint-checkers.ts';
import { idsIncrease, oneLeaderTakesEffect } from './leader-checkers.ts';
import { endsAreTold, failoverEndsCheckpoints, snapshotsInOrder } from './notification-checkers.ts';
import { equalsModel, ledger } from './output-checkers.ts';
import { stateIsOwnedOnce } from './ownership-checkers.ts';
import { checkpointsGoOn, tasksEnd } from './progress-checkers.ts';
import {
  hygiene,
  liveness,
  noEarlyCommit,
  restoredStateIsSnapshottedState,
  watermarksRise,
} from './protocol-checkers.ts';
import { refusesOnlyLoss } from './refusal-checker.ts';
import { neededArtefactsStay, pointerIsReadable, unneededArtefactsGo } from './storage-checkers.ts';
import { noOutputStaysOpen, sealedOutputIsCommitted } from './transaction-checkers.ts';

export const STANDARD_CHECKERS: readonly Checker[] = [
  ledger,
  equalsModel,
  noEarlyCommit,
  sealedOutputIsCommitted,
  restoresNewest,
  idsUsedOnce,
  idsIncrease,
  oneLeaderTakesEffect,
  restoredStateIsSnapshottedState,
  stateIsOwnedOnce,
  channelsKeepRecords,
  snapshotsInOrder,
  endsAreTold,
  failoverEndsCheckpoints,
  watermarksRise,
  neededArtefactsStay,
  pointerIsReadable,
  unneededArtefactsGo,
  noOutputStaysOpen,
  hygiene,
  checkpointsGoOn,
  tasksEnd,
  refusesOnlyLoss,
  liveness,
];
