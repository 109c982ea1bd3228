// Mutants of sinks and two-phase commit.

import type { Mutant } from '../mutant.ts';

/** The one that must be caught before anything else is believed. */
export const CANARY: Mutant = {
  name: 'commit-at-snapshot',
  description: 'commits when the snapshot is taken instead of when the checkpoint is complete',
  standsFor: [],
  operator: 'M17',
  area: 'sinks',
  file: 'operator/sink-operator',
  find: 'this.#open().commits.add(checkpoint, prepared.committables);',
  replace:
    'this.#open().commits.add(checkpoint, prepared.committables); ' +
    'this.#open().commits.commitUntil(checkpoint);',
  expectedProperty: 'no-commit-before-completion',
  tag: 'two-phase-commit',
};

export const SINK_MUTANTS: readonly Mutant[] = [
  CANARY,
  {
    name: 'forget-committables',
    description: 'leaves out of the checkpoint what the sink has sealed and not committed yet',
    standsFor: ['FLINK-29627'],
    operator: 'M8',
    area: 'sinks',
    file: 'operator/sink-operator',
    find: 'opened.committables.update([...opened.commits.pending]);',
    replace: 'opened.committables.update([]);',
    expectedProperty: 'exactly-once-ledger',
    tag: 'two-phase-commit',
  },
  {
    name: 'skip-directory-sync',
    description: 'calls a file committed whose new name does not survive a loss of power',
    standsFor: ['FLINK-9113'],
    operator: 'M13',
    area: 'sinks',
    file: 'connector/file-committer',
    find: 'await this.#filesystem.sync(directory);',
    replace: '',
    expectedProperty: 'exactly-once-ledger',
    tag: 'two-phase-commit',
  },
];
