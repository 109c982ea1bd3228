// `onceproof checkpoint verify`: reads all of every checkpoint at a place and says what is damaged.
// It repairs nothing.

import {
  type ArtefactFault,
  examineCheckpoint,
  type ExaminedCheckpoint,
  faultsOf,
} from '../../../engine/checkpoint/examine-checkpoint.ts';
import type {
  LocatedCheckpoint,
  LocatedGroup,
} from '../../../engine/checkpoint/locate-checkpoints.ts';
import type { StateHandle } from '../../../engine/state/state-handle.ts';
import type { Screens } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { padTo, wrap } from '../output/lay-out.ts';
import { plural } from '../output/text.ts';
import type { OpenedPlace } from './open-place.ts';
import { artefactText, bytesText, stateBytes } from './words.ts';

interface Verified {
  readonly located: LocatedCheckpoint;
  readonly examined: ExaminedCheckpoint;
  readonly faults: readonly ArtefactFault[];
}

export async function verifyCheckpoints(
  { reader, groups }: OpenedPlace,
  screens: Screens,
): Promise<ExitCode> {
  const verified: Verified[] = [];
  const width = Math.max(...groups.flatMap(namesOf).map((name) => name.length));
  for (const { checkpoints } of groups) {
    const ofGroup: Verified[] = [];
    for (const located of checkpoints.filter(({ isComplete }) => isComplete)) {
      const { directory, number } = located;
      const options = { reader, directory, expected: number };
      const examined = await examineCheckpoint(options);
      ofGroup.push({ located, examined, faults: faultsOf(examined) });
    }
    verified.push(...withStrangers(ofGroup));
  }
  for (const one of verified) printVerified(one, width, screens);
  const incomplete = groups.flatMap(({ checkpoints }) => checkpoints.filter(isIncomplete));
  for (const one of incomplete) {
    printIncomplete({ ...one, directory: reader.describe(one.directory) }, width, screens);
  }
  return printVerdict(verified, screens);
}

function namesOf({ checkpoints }: LocatedGroup): readonly string[] {
  return checkpoints.map(({ name }) => name);
}

function isIncomplete({ isComplete }: LocatedCheckpoint): boolean {
  return !isComplete;
}

/** All checkpoints in one directory are one job's: another's among them was put there. */
function withStrangers(verified: readonly Verified[]): readonly Verified[] {
  const numbered = verified.filter(({ located }) => located.number !== undefined);
  const jobs = numbered.flatMap(({ examined }) => examined.metadata?.job ?? []);
  const usual = jobs.toSorted((left, right) => timesIn(jobs, right) - timesIn(jobs, left))[0];
  return verified.map((one) => {
    const { located, examined, faults } = one;
    const job = examined.metadata?.job;
    const isStranger = located.number !== undefined && job !== undefined && job !== usual;
    if (!isStranger || examined.metadataFault !== undefined) return one;
    const message = `It is of job "${job}", and stands among checkpoints of "${usual}"`;
    const fault = { code: 'OP-E503', message, place: `${examined.place}/_metadata` };
    return { located, examined, faults: [fault, ...faults] };
  });
}

function timesIn(jobs: readonly string[], job: string): number {
  return jobs.filter((one) => one === job).length;
}

function printVerified(
  { located, examined, faults }: Verified,
  width: number,
  screens: Screens,
): void {
  const { results, printJson } = screens;
  const { place, artefacts, metadata, metadataBytes } = examined;
  const sizeBytes = metadataBytes + stateBytes(artefacts.map(({ handle }) => handle));
  printJson?.(
    `${JSON.stringify({
      type: 'checkpoint.verified',
      checkpoint: metadata?.checkpoint,
      job: metadata?.job,
      place,
      artefacts: artefacts.length + 1,
      sizeBytes,
      faults,
    })}\n`,
  );
  const isWhole = faults.length === 0;
  const mark = isWhole ? results.paint('green', '✓') : results.paint('red', '✗');
  const checked = `${plural(artefacts.length + 1, 'artefact')}, ${bytesText(sizeBytes)}`;
  const damaged = isWhole ? '' : `, ${faults.length} damaged`;
  results.write(` ${mark} ${padTo(located.name, width)}  ${checked}${damaged}\n`);
  const outside = artefacts.filter(({ handle, place: at }) => isOutside(handle, at, place));
  const [first] = outside;
  if (first !== undefined) {
    const some = outside.length === 1 ? '1 artefact lies' : `${outside.length} artefacts lie`;
    results.write(`     ! ${some} outside of it, the first at ${first.place}\n`);
  }
  for (const fault of faults) {
    const owner = artefacts.find((artefact) => artefact.fault === fault);
    const what = owner === undefined ? 'metadata of the checkpoint' : artefactText(owner);
    results.write(`     ${fault.code}  ${fault.place}\n`);
    for (const line of wrap(`${what}: ${fault.message}`, results.columns - 15)) {
      results.write(`              ${line}\n`);
    }
  }
}

/** A copy of a checkpoint refers to the files of the original: a savepoint alone may be moved. */
function isOutside(handle: StateHandle, at: string, directory: string): boolean {
  return handle.kind === 'file' && handle.scope === 'exclusive' && !at.startsWith(`${directory}/`);
}

function printIncomplete(located: LocatedCheckpoint, width: number, screens: Screens): void {
  const { name, directory, fileCount } = located;
  const line = { type: 'checkpoint.incomplete', place: directory, files: fileCount };
  screens.printJson?.(`${JSON.stringify(line)}\n`);
  const why = 'incomplete: without _metadata no restore looks at it';
  screens.results.write(` ${screens.results.paint('dim', '○')} ${padTo(name, width)}  ${why}\n`);
}

function printVerdict(verified: readonly Verified[], screens: Screens): ExitCode {
  const { results, printJson } = screens;
  const damaged = verified.filter(({ faults }) => faults.length > 0);
  const exit: ExitCode = verified.length === 0 ? 4 : damaged.length === 0 ? 0 : 1;
  const verdict = { 0: 'whole', 1: 'damaged', 4: 'nothing' }[exit];
  const counts = { checkpoints: verified.length, damaged: damaged.length };
  printJson?.(`${JSON.stringify({ type: 'checkpoint.verdict', verdict, ...counts, exit })}\n`);
  const all = plural(verified.length, 'checkpoint');
  const said = {
    0: ` exit 0: no damage in ${all}\n`,
    1: ` exit 1: ${damaged.length} of ${all} damaged\n`,
    4: ' exit 4: nothing to verify: no checkpoint here is complete\n',
  }[exit];
  results.write(said);
  return exit;
}
