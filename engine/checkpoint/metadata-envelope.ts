// Metadata inside of metadata: for storages that have to see whose checkpoint it is and which
// artefacts belong to it, and are not to see more. The outer one is an ordinary `_metadata` of the
// same checkpoint and job that refers to the same files; the whole inner one is encrypted and
// stands where the state of a source's coordinator would.

import { jobVertexId, operatorId } from '../core/ids.ts';
import type { ArtefactCipher } from './artefact-cipher.ts';
import { isEncrypted, refusalOf } from './encryption-errors.ts';
import { type CheckpointMetadata, handlesOf } from './metadata.ts';
import {
  checkMetadataContainer,
  decodeCheckpointMetadata,
  encodeCheckpointMetadata,
} from './metadata-format.ts';
import type { MetadataIdentity } from './metadata-identity.ts';

const NAME = 'encrypted';

/** The same bytes for the same bytes, as long as the key stays: it may be published again. */
export async function sealEnvelope(bytes: Uint8Array, cipher: ArtefactCipher): Promise<Uint8Array> {
  const inner = decodeCheckpointMetadata(bytes, NAME);
  const { checkpoint, job } = inner;
  const sealed = await cipher.sealWhole(bindingOf(inner), bytes);
  const operator = operatorId(NAME);
  const files = handlesOf(inner).filter(({ kind }) => kind === 'file');
  const operatorState = files.map((state) => ({ kind: 'operator' as const, state }));
  return encodeCheckpointMetadata({
    checkpoint,
    job,
    jobName: NAME,
    timestampMs: 0,
    properties: { type: 'checkpoint', stop: 'no' },
    vertices: [
      {
        vertex: jobVertexId(NAME),
        name: NAME,
        parallelism: 1,
        maxParallelism: 1,
        operators: [{ operator, uid: undefined, name: NAME, coordinatorState: sealed }],
        subtasks: [
          { operators: [{ operator, keyed: [], operatorState }], channels: [], finished: false },
        ],
        fullyFinished: false,
      },
    ],
  });
}

/** Errors as ArtefactCipher.open(); metadata that is none of ours is taken as it is, or refused. */
export async function openEnvelope(
  bytes: Uint8Array,
  place: string,
  cipher: ArtefactCipher,
): Promise<Uint8Array> {
  const outer = decodeCheckpointMetadata(bytes, place);
  const sealed = sealedIn(outer);
  if (sealed === undefined) {
    if (cipher.acceptUnencrypted) return bytes;
    throw refusalOf({ kind: 'unencrypted' }, place);
  }
  const opened = await cipher.open({ path: bindingOf(outer), place }, sealed);
  checkMetadataContainer(opened, place);
  return opened;
}

/** Throws OP-E574 for what somebody without a key has read: it is not to be taken as it looks. */
export function refuseEnvelope(metadata: CheckpointMetadata, place: string): void {
  if (sealedIn(metadata) !== undefined) throw isEncrypted(place);
}

function sealedIn({ vertices }: CheckpointMetadata): Uint8Array | undefined {
  const [vertex] = vertices;
  if (vertex?.vertex !== NAME || vertices.length !== 1) return undefined;
  return vertex.operators[0]?.coordinatorState;
}

/** So that what says that it is one checkpoint cannot hold another. */
function bindingOf({ checkpoint, job }: MetadataIdentity): string {
  return `${job} ${checkpoint}`;
}
