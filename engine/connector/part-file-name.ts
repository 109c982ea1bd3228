// The names a FileSink gives its files, and nothing else in its directory is ever touched:
//   in progress  `.part-<subtask>-<token>-<uid>-<n><extension>.inprogress`
//   pending      `.part-<subtask>-<token>-<uid>-<n><extension>.pending-<k>`
//   finished      `part-<subtask>-<token>-<uid>-<n><extension>`
// k: the last checkpoint that had passed the writer before the file was sealed.

import type { CheckpointId } from '../core/ids.ts';
import type { Random } from '../environment/random.ts';

/** Who writes: one attempt of one subtask. */
export interface PartOwner {
  readonly prefix: string;
  readonly subtaskIndex: number;
  readonly token: string;
  /** Keeps two runs of a job apart that, without a shared leader election, count tokens alike. */
  readonly uid: string;
}

export interface PartFile {
  readonly subtaskIndex: number;
  readonly token: string;
  readonly uid: string;
  /** Undefined while in progress. */
  readonly sealedAfter: number | undefined;
}

export function partOwner(
  prefix: string,
  context: {
    readonly subtaskIndex: number;
    readonly fencingToken: string;
    readonly random: Random;
  },
): PartOwner {
  const { subtaskIndex, fencingToken, random } = context;
  const draw = random.fork(`part-file-uid/${subtaskIndex}/${fencingToken}`).below(0x1_0000_0000);
  const uid = draw.toString(16).padStart(8, '0');
  return { prefix, subtaskIndex, token: fencingToken.replace(/[^A-Za-z0-9]+/g, '_'), uid };
}

export function finishedName(owner: PartOwner, count: number, extension: string): string {
  const { prefix, subtaskIndex, token, uid } = owner;
  return `${prefix}-${subtaskIndex}-${token}-${uid}-${count}${extension}`;
}

export function pendingName(finished: string, sealedAfter: CheckpointId | 0): string {
  return `.${finished}.pending-${sealedAfter}`;
}

/** Undefined for the name of anything but an unfinished file of a sink with this prefix. */
export function parseUnfinished(prefix: string, name: string): PartFile | undefined {
  const start = `.${prefix}-`;
  if (!name.startsWith(start)) return undefined;
  const match = UNFINISHED.exec(name.slice(start.length))?.groups;
  if (match === undefined) return undefined;
  const sealedAfter = match['sealedAfter'];
  return {
    subtaskIndex: Number(match['subtask']),
    token: match['token'] ?? '',
    uid: match['uid'] ?? '',
    sealedAfter: sealedAfter === undefined ? undefined : Number(sealedAfter),
  };
}

/** Tokens hold no '-', so a prefix that starts like another one cannot match its files. */
const UNFINISHED = new RegExp(
  [
    /^(?<subtask>\d+)-(?<token>\w+)-(?<uid>[0-9a-f]{8})-\d+/.source,
    /(?:\.[^/]*)?\.(?:inprogress|pending-(?<sealedAfter>\d+))$/.source,
  ].join(''),
);

/** Negative where `left` is the older. Runs of digits compare as numbers: '2_9' before '2_10'. */
export function compareTokens(left: string, right: string): number {
  const lefts = left.match(RUNS) ?? [];
  const rights = right.match(RUNS) ?? [];
  for (const [index, run] of lefts.entries()) {
    const other = rights[index];
    if (other === undefined) return 1;
    const order = compareRuns(run, other);
    if (order !== 0) return order;
  }
  return lefts.length - rights.length;
}

const RUNS = /\d+|\D+/g;

function compareRuns(left: string, right: string): number {
  const areNumbers = /^\d/.test(left) && /^\d/.test(right);
  if (areNumbers && Number(left) !== Number(right)) return Number(left) - Number(right);
  return left < right ? -1 : left > right ? 1 : 0;
}
