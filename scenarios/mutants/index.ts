// The known-bad engines, most of them bugs that stream processors really had.

import type { Mutant } from './mutant.ts';

/** The one that must be caught before anything else is believed. */
export const CANARY: Mutant = {
  name: 'commit-at-snapshot',
  description: 'commits when the snapshot is taken instead of when the checkpoint is complete',
  file: 'operator/sink-operator',
  find: 'this.#open().commits.add(checkpoint, prepared.committables);',
  replace:
    'this.#open().commits.add(checkpoint, prepared.committables); ' +
    'this.#open().commits.commitUntil(checkpoint);',
  expectedProperty: 'no-commit-before-completion',
  tag: 'two-phase-commit',
};

const SKIP_ALIGNMENT: Mutant = {
  name: 'skip-alignment',
  description: 'does not hold a channel back whose barrier is in, so its records count twice',
  file: 'checkpoint/barrier/single-checkpoint-barrier-handler',
  find: 'this.#effects.block(channel);',
  replace: '',
  expectedProperty: 'exactly-once-ledger',
};

const FORGET_IN_FLIGHT: Mutant = {
  name: 'forget-in-flight-data',
  description: 'leaves the data that a barrier has overtaken out of the checkpoint',
  file: 'runtime/task/subtask-snapshot',
  find: 'channels: handles,',
  replace: 'channels: [],',
  expectedProperty: 'exactly-once-ledger',
};

const FORGET_COMMITTABLES: Mutant = {
  name: 'forget-committables',
  description: 'leaves out of the checkpoint what the sink has sealed and not committed yet',
  file: 'operator/sink-operator',
  find: 'opened.committables.update([...opened.commits.pending]);',
  replace: 'opened.committables.update([]);',
  expectedProperty: 'exactly-once-ledger',
  tag: 'two-phase-commit',
};

const SKIP_DIRECTORY_SYNC: Mutant = {
  name: 'skip-directory-sync',
  description: 'calls a file committed whose new name does not survive a loss of power',
  file: 'connector/file-committer',
  find: 'await this.#filesystem.sync(directory);',
  replace: '',
  expectedProperty: 'exactly-once-ledger',
  tag: 'two-phase-commit',
};

export const MUTANTS: readonly Mutant[] = [
  CANARY,
  SKIP_ALIGNMENT,
  FORGET_IN_FLIGHT,
  FORGET_COMMITTABLES,
  SKIP_DIRECTORY_SYNC,
];
