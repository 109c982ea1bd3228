// The checkers that judge every run, in the order of reports. docs/oracles.md says which property
// of Flink's each stands for, what it looks at and what it cannot see.

import { channelsKeepRecords } from './channel-checkers.ts';
import type { Checker } from './checker.ts';
import { idsUsedOnce, restoresNewest } from './checkpoint-checkers.ts';
import { eachJob } from './each-job.ts';
import { idsIncrease, oneLeaderTakesEffect } from './leader-checkers.ts';
import { endsAreTold, failoverEndsCheckpoints, snapshotsInOrder } from './notification-checkers.ts';
import { operationsEnd, savepointsStay } from './operation-checkers.ts';
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
  eachJob(sealedOutputIsCommitted),
  restoresNewest,
  eachJob(idsUsedOnce),
  eachJob(idsIncrease),
  eachJob(oneLeaderTakesEffect),
  eachJob(restoredStateIsSnapshottedState),
  eachJob(stateIsOwnedOnce),
  eachJob(channelsKeepRecords),
  eachJob(snapshotsInOrder),
  eachJob(endsAreTold),
  eachJob(failoverEndsCheckpoints),
  eachJob(watermarksRise),
  eachJob(neededArtefactsStay),
  eachJob(pointerIsReadable),
  eachJob(unneededArtefactsGo),
  eachJob(noOutputStaysOpen),
  hygiene,
  eachJob(checkpointsGoOn),
  eachJob(tasksEnd),
  refusesOnlyLoss,
  operationsEnd,
  savepointsStay,
  liveness,
];
