// Names in a job's directory where several JobManagers contend for it, and what they say:
//
//   epoch-<N>               somebody may become leader N; created once, so by one contender alone
//   leader-<N>-<token>/     what leader N remembers; it leads while its directory has this name
//   fenced-<N>-<token>/     the same after a later one has taken it away
//   leader-epoch            that of a job which one JobManager leads alone, or a word that says so

/** In place of a number: whoever knows nothing of contenders must not lead this job. */
export const CONTENDED = 'contended';
export const LEADER_EPOCH_FILE = 'leader-epoch';

const NAME = /^(epoch|leader|fenced)-([0-9]+)(-.+)?$/;

export interface LeaderName {
  readonly name: string;
  readonly kind: 'epoch' | 'leader' | 'fenced';
  readonly epoch: number;
}

/** Newest first. */
export function leaderNames(names: readonly string[]): readonly LeaderName[] {
  return names
    .flatMap((name): LeaderName[] => {
      const [, kind, digits] = NAME.exec(name) ?? [];
      if (kind !== 'epoch' && kind !== 'leader' && kind !== 'fenced') return [];
      return [{ name, kind, epoch: Number(digits) }];
    })
    .toSorted((left, right) => right.epoch - left.epoch);
}
