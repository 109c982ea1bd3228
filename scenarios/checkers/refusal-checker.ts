// Judges a job that was refused because of damage: what it needs has to be damaged. Damage to what
// no restore would read is no reason to stop.

import { atlasOf } from '../cluster/fault-atlas.ts';
import {
  type Checker,
  type Finding,
  type History,
  invalid,
  NOT_EXERCISED,
  valid,
} from './checker.ts';

export const refusesOnlyLoss: Checker = {
  name: 'refuses-only-loss',
  explanation:
    'A job that is refused for damage has lost the last intact copy of an artefact that it would ' +
    'restore from.',
  check(history: History): Finding {
    const { end, damaged, storage } = history;
    if (end.kind !== 'failed' || storage === undefined) return NOT_EXERCISED;
    const named = damaged.find((path) => end.cause.includes(path));
    if (named === undefined) return NOT_EXERCISED;
    const { verdict } = atlasOf(untilRefused(history));
    if (verdict.kind !== 'recoverable') return valid(1);
    return invalid(1, `The job was refused for ${named}, which no restore needs: ${end.cause}`, {
      expected: ['recoverable'],
      actual: ['refused'],
    });
  },
};

/** A leader that starts later may recover after all, and go on to checkpoints that are whole. */
function untilRefused(history: History): Pick<History, 'storage' | 'events' | 'damaged'> {
  const { storage = [], events, damaged } = history;
  const refused = events.find(({ event }) => event.kind === 'job-failed');
  if (refused === undefined) return history;
  const isBefore = ({ timeMs }: { readonly timeMs: number }): boolean => timeMs <= refused.timeMs;
  return { storage: storage.filter(isBefore), events: events.filter(isBefore), damaged };
}
