// `onceproof checkpoint inspect`: what is in one checkpoint: vertices, operators, their states and
// how much of each. Everything is verified on the way, and damage is shown where it is.

import {
  examineCheckpoint,
  type ExaminedArtefact,
  type ExaminedCheckpoint,
  faultsOf,
} from '../../../engine/checkpoint/examine-checkpoint.ts';
import type { ExaminedState } from '../../../engine/checkpoint/examine-content.ts';
import type { LocatedCheckpoint } from '../../../engine/checkpoint/locate-checkpoints.ts';
import type { CheckpointMetadata, VertexMetadata } from '../../../engine/checkpoint/metadata.ts';
import { OnceproofError } from '../../../engine/core/errors.ts';
import type { Screens } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { padTo } from '../output/lay-out.ts';
import { count, plural } from '../output/text.ts';
import { inspectionJson } from './inspection-json.ts';
import type { OpenedPlace } from './open-place.ts';
import { bytesText, kindText, stateBytes, timeText } from './words.ts';

export async function inspectCheckpoint(
  { reader, groups }: OpenedPlace,
  screens: Screens,
): Promise<ExitCode> {
  const located = newestOf(groups.flatMap(({ checkpoints }) => checkpoints));
  const { directory, number } = located;
  const examined = await examineCheckpoint({
    reader,
    directory,
    expected: number,
  });
  screens.printJson?.(`${JSON.stringify(inspectionJson(examined))}\n`);
  const print = (depth: number, text: string): void => {
    screens.results.write(`${' '.repeat(1 + 2 * depth)}${text}\n`);
  };
  const faults = faultsOf(examined);
  if (examined.metadata !== undefined) {
    printHead(examined, examined.metadata, print);
    for (const vertex of examined.metadata.vertices) printVertex(vertex, examined.artefacts, print);
  }
  for (const { code, place, message } of faults) {
    print(0, `${code}  ${place}`);
    print(4, message);
  }
  const exit: ExitCode = faults.length === 0 ? 0 : 1;
  const found = faults.length === 0 ? 'no damage' : `${plural(faults.length, 'artefact')} damaged`;
  screens.results.write(` exit ${exit}: ${found}\n`);
  return exit;
}

type Print = (depth: number, text: string) => void;

/** Of a job's directory the one that a restore would take; of others, where there is one only. */
function newestOf(checkpoints: readonly LocatedCheckpoint[]): LocatedCheckpoint {
  const complete = checkpoints.filter(({ isComplete }) => isComplete);
  const newest = complete.at(-1);
  if (newest === undefined) {
    throw new OnceproofError('OP-E576', 'Cannot inspect: no checkpoint here is complete', {
      place: checkpoints.map(({ directory }) => directory).join(', '),
      remedy: 'See "onceproof checkpoint list"',
    });
  }
  const places = new Set(complete.map(({ directory }) => directory.replace(/\/[^/]*$/, '')));
  if (places.size === 1 && (complete.length === 1 || newest.number !== undefined)) return newest;
  const names = complete.map(({ directory }) => directory).join(', ');
  throw new OnceproofError(
    'OP-E113',
    'Cannot tell which checkpoint to inspect: there are several',
    {
      place: names,
      remedy: 'Name one of them',
    },
  );
}

function printHead(
  { place, metadataBytes, artefacts }: ExaminedCheckpoint,
  metadata: CheckpointMetadata,
  print: Print,
): void {
  const { checkpoint, job, jobName, timestampMs } = metadata;
  const handles = artefacts.map(({ handle }) => handle);
  const inline = handles.filter(({ kind }) => kind === 'inline').length;
  const sizeBytes = metadataBytes + stateBytes(handles);
  print(0, `checkpoint ${checkpoint} of "${jobName}"`);
  const rows: readonly (readonly [string, string])[] = [
    ['at', place],
    ['job', job],
    ['kind', kindText(metadata)],
    ['triggered', timeText(timestampMs)],
    [
      'size',
      `${bytesText(sizeBytes)}: metadata of ${bytesText(metadataBytes)}, ` +
        `${plural(handles.length, 'artefact')}, ${inline} of them inside the metadata`,
    ],
  ];
  for (const [name, value] of rows) print(1, `${padTo(name, 10)} ${value}`);
}

function printVertex(
  vertex: VertexMetadata,
  artefacts: readonly ExaminedArtefact[],
  print: Print,
): void {
  const { vertex: id, name, parallelism, maxParallelism, operators, fullyFinished } = vertex;
  const over = fullyFinished ? ', finished' : '';
  print(1, `vertex "${name}"  parallelism ${parallelism} of ${maxParallelism}${over}`);
  const own = artefacts.filter((artefact) => artefact.vertex.id === id);
  for (const { operator, uid, name: operatorName, coordinatorState } of operators) {
    print(2, `operator "${operatorName}"  ${uid === undefined ? operator : `uid "${uid}"`}`);
    if (coordinatorState !== undefined) {
      print(3, `coordinator state  ${bytesText(coordinatorState.length)}`);
    }
    const itsOwn = own.filter((artefact) => artefact.operator?.id === operator);
    for (const artefact of itsOwn) printArtefact(artefact, print);
  }
  for (const artefact of own.filter(({ operator }) => operator === undefined)) {
    printArtefact(artefact, print);
  }
}

function printArtefact(artefact: ExaminedArtefact, print: Print): void {
  const { role, subtask, handle, place, content, fault, fileName } = artefact;
  const where = handle.kind === 'inline' ? 'inside the metadata' : `${handle.scope}  ${place}`;
  const groups = content?.range;
  const range = groups === undefined ? '' : `  key groups ${groups.first}-${groups.last}`;
  const what = fileName ?? `${role.replaceAll('-', ' ')}${range}`;
  const damage = fault === undefined ? '' : `  ✗ ${fault.code}`;
  print(3, `${subtask}  ${what}  ${bytesText(handle.sizeBytes)}  ${where}${damage}`);
  const width = Math.max(0, ...(content?.states ?? []).map(({ name }) => name.length));
  for (const state of content?.states ?? []) print(5, stateText(state, width));
}

function stateText({ name, kind, entries, sizeBytes }: ExaminedState, width: number): string {
  const amount = entries === 1 ? '1 entry' : `${count(entries)} entries`;
  return `${padTo(name, width)}  ${padTo(kind, 11)}  ${padTo(amount, 13)}  ${bytesText(sizeBytes)}`;
}
