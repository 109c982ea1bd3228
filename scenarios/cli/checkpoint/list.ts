// `onceproof checkpoint list`: the checkpoints at a place, one line each, from their metadata.
// Reads no artefact: whether they are whole is what `verify` says.

import { METADATA_FILE } from '../../../engine/checkpoint/checkpoint-names.ts';
import { isKeyProblem } from '../../../engine/checkpoint/key-problem.ts';
import type { LocatedCheckpoint } from '../../../engine/checkpoint/locate-checkpoints.ts';
import { type CheckpointMetadata, handlesOf } from '../../../engine/checkpoint/metadata.ts';
import { refuseEnvelope } from '../../../engine/checkpoint/metadata-envelope.ts';
import { decodeCheckpointMetadata } from '../../../engine/checkpoint/metadata-format.ts';
import { OnceproofError } from '../../../engine/core/errors.ts';
import type { Screens } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { padTo } from '../output/lay-out.ts';
import { plural } from '../output/text.ts';
import type { OpenedPlace } from './open-place.ts';
import { bytesText, kindText, stateBytes, timeText } from './words.ts';

interface Row {
  readonly place: string;
  readonly located: LocatedCheckpoint;
  readonly metadata: CheckpointMetadata | undefined;
  readonly sizeBytes: number;
  readonly damage: string | undefined;
}

export async function listCheckpoints(place: OpenedPlace, screens: Screens): Promise<ExitCode> {
  const { results } = screens;
  const width = Math.max(
    ...place.groups.flatMap(({ checkpoints }) => checkpoints.map(({ name }) => name.length)),
  );
  const rows: Row[] = [];
  for (const { directory, checkpoints } of place.groups) {
    results.write(` ${place.reader.describe(directory)}\n`);
    for (const located of checkpoints) {
      const row = await rowOf(place, located);
      rows.push(row);
      printRow(row, width, screens);
    }
  }
  const count = (matches: (row: Row) => boolean): number => rows.filter(matches).length;
  const parts = [
    plural(
      count(({ metadata }) => metadata !== undefined),
      'checkpoint',
    ),
    `${count(({ located }) => !located.isComplete)} incomplete`,
    `${count(({ damage }) => damage !== undefined)} with damaged metadata`,
  ];
  results.write(` ${parts.filter((part) => !part.startsWith('0 ')).join(' · ')}`);
  results.write(' · --json for machines\n');
  return 0;
}

async function rowOf({ reader }: OpenedPlace, located: LocatedCheckpoint): Promise<Row> {
  const { directory, isComplete } = located;
  const where = reader.describe(directory);
  const empty = { located, place: where, metadata: undefined, sizeBytes: 0, damage: undefined };
  if (!isComplete) return empty;
  try {
    const bytes = await reader.readMetadata(directory);
    const place = reader.describe(`${directory}/${METADATA_FILE}`);
    const metadata = decodeCheckpointMetadata(bytes, place, directory);
    refuseEnvelope(metadata, place);
    const sizeBytes = bytes.length + stateBytes(handlesOf(metadata));
    return { ...empty, metadata, sizeBytes };
  } catch (error) {
    if (!(error instanceof OnceproofError) || isKeyProblem(error)) throw error;
    return { ...empty, damage: error.code };
  }
}

function printRow(row: Row, width: number, { results, printJson }: Screens): void {
  const { located, place, metadata, sizeBytes, damage } = row;
  const artefacts = metadata === undefined ? undefined : handlesOf(metadata).length + 1;
  printJson?.(
    `${JSON.stringify({
      type: 'checkpoint',
      place,
      name: located.name,
      isComplete: located.isComplete,
      checkpoint: metadata?.checkpoint,
      job: metadata?.job,
      jobName: metadata?.jobName,
      timestampMs: metadata?.timestampMs,
      kind: metadata?.properties.type,
      sizeBytes: metadata === undefined ? undefined : sizeBytes,
      artefacts,
      damage,
    })}\n`,
  );
  results.write(`   ${padTo(located.name, width)}  ${textOf(row, artefacts ?? 0)}\n`);
}

function textOf({ located, metadata, sizeBytes, damage }: Row, artefacts: number): string {
  if (damage !== undefined) return `complete, but its metadata is damaged (${damage})`;
  if (metadata === undefined) return `incomplete, ${plural(located.fileCount, 'file')}`;
  const { checkpoint, jobName, timestampMs } = metadata;
  const columns = [
    padTo(`#${checkpoint}`, 5),
    timeText(timestampMs),
    padTo(bytesText(sizeBytes), 9),
    padTo(plural(artefacts, 'artefact'), 13),
    `${kindText(metadata)} of "${jobName}"`,
  ];
  return columns.join('  ');
}
