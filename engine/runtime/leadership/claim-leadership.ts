// How a JobManager becomes the leader of a job that others may believe to lead:
//  1. It creates `epoch-<N>`, N being one more than it has seen. Of several one succeeds.
//  2. It makes its own directory, then looks. A later claim means that it has lost. So of two
//     claims either the earlier one sees the later, or the later sees the directory of the earlier.
//  3. It renames the directories of all earlier leaders: from here on nothing they write succeeds.
//  4. It copies what they remembered into its own directory, the newest first.
// A crash in between leaves a claim without effect: the next one repeats it with a greater N, and
// finds every value, because nothing is removed before all of it has been copied durably.

import { makeDurableDirectory, namesIn, removeTree } from '../../checkpoint/durable-files.ts';
import { succeeds } from '../../checkpoint/file-system-outcome.ts';
import { replaceDurably } from '../../checkpoint/replace-durably.ts';
import { sometimes } from '../../core/sometimes.ts';
import type { FileSystem } from '../../environment/filesystem.ts';
import { LEASE_FILE, LeaderDirectory } from './leader-directory.ts';
import { CONTENDED, LEADER_EPOCH_FILE, leaderNames } from './leader-names.ts';
import { countIn, decodeText, encodeText } from './leader-text.ts';

export interface ClaimOptions {
  readonly filesystem: FileSystem;
  /** Of the job. */
  readonly directory: string;
  /** Of this contender; no two have the same. */
  readonly token: string;
  /** The newest epoch that anybody has claimed, as far as this contender has seen; 0 if none. */
  readonly after: number;
}

/** Of a job that one JobManager has led alone. */
const PLAIN_FILES = ['checkpoint-id', 'completed-checkpoint', 'job-result'];

/** Undefined where another contender was faster. */
export async function claimLeadership(options: ClaimOptions): Promise<LeaderDirectory | undefined> {
  const { filesystem, directory, token, after } = options;
  await makeDurableDirectory(filesystem, directory);
  const before = after === 0 ? await plainEpoch(options) : after;
  if (before === undefined) return undefined;
  const epoch = before + 1;
  const claim = filesystem.create(`${directory}/epoch-${epoch}`, encodeText(token));
  const isFirst = await succeeds(claim, 'EEXIST');
  sometimes(!isFirst, 'two contenders claim the same leader epoch');
  if (!isFirst) return undefined;
  await filesystem.sync(directory);
  const path = `${directory}/leader-${epoch}-${token}`;
  await filesystem.makeDirectory(path);
  await filesystem.sync(directory);
  const [newest] = leaderNames(await filesystem.list(directory));
  if (newest !== undefined && newest.epoch > epoch) return undefined;
  await fenceEarlier(options, epoch);
  const values = await earlierValues(options, epoch);
  for (const [name, text] of values) {
    await replaceDurably(filesystem, `${path}/${name}`, encodeText(text));
  }
  await forgetEarlier(options, epoch);
  return new LeaderDirectory({ filesystem, path, epoch, values });
}

/** Of the last leader that had no contender; undefined where there have been some since. */
async function plainEpoch({ filesystem, directory }: ClaimOptions): Promise<number | undefined> {
  const place = `${directory}/${LEADER_EPOCH_FILE}`;
  if ((await filesystem.status(place)) === undefined) return 0;
  const text = decodeText(await filesystem.read(place), place);
  if (text === CONTENDED) return undefined;
  return countIn(text, place);
}

async function fenceEarlier(
  { filesystem, directory }: ClaimOptions,
  before: number,
): Promise<void> {
  const names = leaderNames(await filesystem.list(directory));
  const earlier = names.filter(({ kind, epoch }) => kind === 'leader' && epoch < before);
  const moved: [string, string][] = [];
  for (const { name } of earlier) {
    const from = `${directory}/${name}`;
    const to = `${directory}/${name.replace(/^leader/, 'fenced')}`;
    // Gone where another contender did the same.
    if (await succeeds(filesystem.rename(from, to), 'ENOENT')) moved.push([from, to]);
  }
  sometimes(moved.length > 0, 'a leader is fenced by the next one');
  try {
    await filesystem.sync(directory);
  } catch (error) {
    // No later sync would make these names durable: the next claim has to give them anew.
    for (const [from, to] of moved) await succeeds(filesystem.rename(to, from), 'ENOENT', 'EIO');
    throw error;
  }
}

/** Newest first: a leader that was stopped while it copied has the rest in an older directory. */
async function earlierValues(
  { filesystem, directory }: ClaimOptions,
  before: number,
): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  const names = await filesystem.list(directory);
  for (const { name, kind, epoch } of leaderNames(names)) {
    if (kind === 'epoch' || epoch >= before) continue;
    const at = `${directory}/${name}`;
    for (const file of await namesIn(filesystem, at)) {
      if (file === LEASE_FILE || file.endsWith('.inprogress') || values.has(file)) continue;
      values.set(file, decodeText(await filesystem.read(`${at}/${file}`), `${at}/${file}`));
    }
  }
  for (const file of PLAIN_FILES) {
    if (values.has(file) || !names.includes(file)) continue;
    const place = `${directory}/${file}`;
    values.set(file, decodeText(await filesystem.read(place), place));
  }
  return values;
}

/** For hygiene; what cannot be removed now the next leader removes. */
async function forgetEarlier(options: ClaimOptions, before: number): Promise<void> {
  const { filesystem, directory } = options;
  // First of all: nobody may lead it alone once what that one would read is gone.
  await markContended(options);
  const names = await filesystem.list(directory);
  const ofEarlier = leaderNames(names).filter(
    ({ kind, epoch }) => epoch < before && kind !== 'leader',
  );
  const plain = PLAIN_FILES.filter((name) => names.includes(name));
  for (const name of [...ofEarlier.map((one) => one.name), ...plain]) {
    await removeTree(filesystem, `${directory}/${name}`);
  }
}

async function markContended({ filesystem, directory, token }: ClaimOptions): Promise<void> {
  const path = `${directory}/${LEADER_EPOCH_FILE}`;
  if ((await filesystem.status(path)) !== undefined) {
    if (decodeText(await filesystem.read(path), path) === CONTENDED) return;
  }
  await replaceDurably(filesystem, path, encodeText(CONTENDED), token);
}
