// Reads a stored checkpoint without its job: `_metadata`, then every artefact it refers to, each
// against its length, its checksum and its format. Damage is a value here, not an error: all of it
// is found, not only the first. What says nothing about the checkpoint is thrown: a store that does
// not answer, a key that is missing.

import { OnceproofError } from '../core/errors.ts';
import type { CheckpointId } from '../core/ids.ts';
import type { StateHandle } from '../state/state-handle.ts';
import type { ArtefactStore } from './artefact-store.ts';
import { type ArtefactReference, referencesOf } from './artefact-references.ts';
import { METADATA_FILE } from './checkpoint-names.ts';
import { isKeyProblem } from './key-problem.ts';
import type { ExaminedContent } from './examine-content.ts';
import type { CheckpointMetadata } from './metadata.ts';
import { refuseEnvelope } from './metadata-envelope.ts';
import { decodeCheckpointMetadata } from './metadata-format.ts';
import { readArtefact, readMetadataFile } from './read-artefact.ts';

export interface ArtefactFault {
  /** As the engine names it when it restores: OP-E501 missing, OP-E502 truncated, ... */
  readonly code: string;
  readonly message: string;
  /** The artefact, as a person finds it. */
  readonly place: string;
}

export interface ExaminedArtefact extends Omit<ArtefactReference, 'look'> {
  readonly place: string;
  readonly content: ExaminedContent | undefined;
  readonly fault: ArtefactFault | undefined;
}

export interface ExaminedCheckpoint {
  /** The directory. */
  readonly place: string;
  /** Undefined if `_metadata` is damaged. */
  readonly metadata: CheckpointMetadata | undefined;
  readonly metadataBytes: number;
  readonly metadataFault: ArtefactFault | undefined;
  readonly artefacts: readonly ExaminedArtefact[];
}

/** What it takes to look at checkpoints: less than a store, so that tables can be read too. */
export interface CheckpointReader {
  /** A place as a person finds it. */
  describe(path: string): string;
  /** `_metadata` of a checkpoint's directory, whole: OP-E501..504. */
  readMetadata(directory: string): Promise<Uint8Array>;
  /** OP-E501..503. */
  read(handle: StateHandle): Promise<Uint8Array>;
}

export interface ExamineOptions {
  readonly reader: CheckpointReader;
  /** Within the store, without a slash at its end. */
  readonly directory: string;
  /** What its directory says that it is. */
  readonly expected?: CheckpointId | undefined;
}

export function readerOf(store: ArtefactStore): CheckpointReader {
  return {
    describe: (path) => store.describe(path),
    readMetadata: (directory) => readMetadataFile(store, `${directory}/${METADATA_FILE}`),
    read: (handle) => readArtefact(store, handle),
  };
}

/** Every fault there is: of `_metadata`, then of artefacts in the order of `_metadata`. */
export function faultsOf(examined: ExaminedCheckpoint): readonly ArtefactFault[] {
  const { metadataFault, artefacts } = examined;
  // One file that several subtasks use is damaged once.
  const faults = new Set([metadataFault, ...artefacts.map(({ fault }) => fault)]);
  return [...faults].filter((fault) => fault !== undefined);
}

export async function examineCheckpoint(options: ExamineOptions): Promise<ExaminedCheckpoint> {
  const { reader, directory } = options;
  const place = reader.describe(directory);
  const metadataPlace = `${place}/${METADATA_FILE}`;
  let metadataBytes = 0;
  try {
    const bytes = await reader.readMetadata(directory);
    metadataBytes = bytes.length;
    const metadata = decodeCheckpointMetadata(bytes, metadataPlace, directory);
    refuseEnvelope(metadata, metadataPlace);
    const metadataFault = misplaced(metadata, options, metadataPlace);
    const artefacts = await examineArtefacts(reader, metadata);
    return { place, metadata, metadataBytes, metadataFault, artefacts };
  } catch (error) {
    const metadataFault = faultOf(error, metadataPlace);
    return { place, metadata: undefined, metadataBytes, metadataFault, artefacts: [] };
  }
}

async function examineArtefacts(
  reader: CheckpointReader,
  metadata: CheckpointMetadata,
): Promise<readonly ExaminedArtefact[]> {
  const examined: ExaminedArtefact[] = [];
  // Several subtasks may use one file: it is read once for each thing that is said of it.
  const known = new Map<string, Examined>();
  for (const { look, ...reference } of referencesOf(metadata)) {
    const { handle } = reference;
    const place = handle.kind === 'file' ? reader.describe(handle.path) : METADATA_FILE;
    const claim = handle.kind === 'file' ? `${place}:${handle.sizeBytes}:${handle.checksum}` : '';
    const found = known.get(claim) ?? (await examineArtefact({ reader, handle, place, look }));
    if (claim !== '') known.set(claim, found);
    examined.push({ ...reference, place, ...found });
  }
  return examined;
}

type Examined = Pick<ExaminedArtefact, 'content' | 'fault'>;

async function examineArtefact(artefact: {
  readonly reader: CheckpointReader;
  readonly handle: StateHandle;
  readonly place: string;
  readonly look: ArtefactReference['look'];
}): Promise<Examined> {
  const { reader, handle, place, look } = artefact;
  try {
    const bytes = await reader.read(handle);
    return { content: look(bytes, place), fault: undefined };
  } catch (error) {
    return { content: undefined, fault: faultOf(error, place) };
  }
}

/** Thrown on if it is none. */
function faultOf(error: unknown, place: string): ArtefactFault {
  if (!(error instanceof OnceproofError) || isKeyProblem(error)) throw error;
  return { code: error.code, message: error.message, place: error.place ?? place };
}

function misplaced(
  metadata: CheckpointMetadata,
  { expected }: ExamineOptions,
  place: string,
): ArtefactFault | undefined {
  const { checkpoint, job } = metadata;
  if (expected === undefined || expected === checkpoint) return undefined;
  const message = `It is the metadata of checkpoint ${checkpoint} of job "${job}"`;
  return { code: 'OP-E503', message, place };
}
