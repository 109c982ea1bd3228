// What the JobManager adds to the rows of a checkpoint: `_metadata` itself, notes for people on
// what the operators are called, and the keyed state that is small enough to stand inside
// `_metadata`, once more and readable. Only `_metadata` is ever read back.

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { StateHandle, TaskSnapshot } from '../../state/state-handle.ts';
import { artefactsOf } from '../../state/state-handle.ts';
import { type CheckpointMetadata, handlesOf } from '../metadata.ts';
import type { DruidPlace } from './druid-places.ts';
import { locationOf } from './artefact-paths.ts';
import { type ArtefactIdentity, lineOfNote, linesOfArtefact, METADATA_KIND } from './row-lines.ts';
import { slotOf, timeOfSlot } from './time-slots.ts';
import { jsonOf } from './written-value.ts';

/** Of `_metadata`: tells what one JobManager publishes from what another one does. */
export function digestOf(bytes: Uint8Array): string {
  return bytesToHex(sha256(bytes)).slice(0, 32);
}

/** Artefacts that the checkpoint refers to and that its tasks have staged for it. */
export interface StagedArtefacts {
  readonly names: readonly string[];
  readonly rows: number;
}

export function stagedFor(metadata: CheckpointMetadata, place: DruidPlace): StagedArtefacts {
  const names = new Set<string>();
  let rows = 0;
  for (const handle of handlesOf(metadata)) {
    if (handle.kind !== 'file' || !handle.path.startsWith(`${place.directory}/`)) continue;
    const location = locationOf('', handle.path);
    if (!names.has(location.artefact)) rows += location.rows;
    names.add(location.artefact);
  }
  return { names: [...names], rows };
}

/** The artefacts that `linesOfCheckpoint` makes. */
export function ownArtefacts(metadata: CheckpointMetadata, mark: string): readonly string[] {
  const inline = inlineKeyed(metadata).map((_, index) => inlineName(index, mark));
  return [metadataName(mark), notesName(mark), ...inline];
}

/** Names carry `mark`: two JobManagers, or two attempts, may stage for the same checkpoint. */
export function* linesOfCheckpoint(
  metadata: CheckpointMetadata,
  bytes: Uint8Array,
  { place, mark }: { readonly place: DruidPlace; readonly mark: string },
): Generator<string> {
  const timeMs = timeOfSlot(place.chunk, slotOf(mark));
  const common = { timeMs, checkpoint: metadata.checkpoint };
  yield* linesOfArtefact({ ...common, artefact: metadataName(mark) }, bytes, METADATA_KIND);
  yield* notesOf(metadata, { ...common, artefact: notesName(mark) });
  for (const [index, { handle, operator, subtask }] of inlineKeyed(metadata).entries()) {
    const identity = { ...common, artefact: inlineName(index, mark), operator, subtask };
    yield* linesOfArtefact(identity, handle.bytes);
  }
}

function* notesOf(metadata: CheckpointMetadata, identity: ArtefactIdentity): Generator<string> {
  let part = 0;
  for (const { name: vertex, parallelism, operators } of metadata.vertices) {
    for (const { operator, uid, name } of operators) {
      const note = jsonOf({ name, uid, vertex, parallelism, jobName: metadata.jobName });
      yield lineOfNote({ ...identity, operator }, part++, note);
    }
  }
}

interface InlineKeyed {
  readonly handle: Extract<StateHandle, { kind: 'inline' }>;
  readonly operator: string;
  readonly subtask: number;
}

function inlineKeyed(metadata: CheckpointMetadata): readonly InlineKeyed[] {
  return metadata.vertices.flatMap(({ subtasks }) => subtasks.flatMap(inlineOfTask));
}

function inlineOfTask({ operators }: TaskSnapshot, subtask: number): readonly InlineKeyed[] {
  return operators.flatMap(({ operator, keyed }) =>
    keyed
      .flatMap(artefactsOf)
      .filter((handle) => handle.kind === 'inline')
      .map((handle) => ({ handle, operator, subtask })),
  );
}

function metadataName(mark: string): string {
  return `_metadata-${mark}`;
}

function notesName(mark: string): string {
  return `_notes-${mark}`;
}

function inlineName(index: number, mark: string): string {
  return `_inline-${index}-${mark}`;
}
