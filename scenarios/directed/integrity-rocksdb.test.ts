// The integrity matrix of incremental checkpoints of RocksDB: tables that checkpoints share, files
// of one checkpoint alone, and what describes both.

import type { ArtefactReference } from '../../engine/checkpoint/artefact-references.ts';
import { openRocksDB } from '../cluster/backends/rocksdb-backend.ts';
import { artefactTarget, metadataTarget } from '../support/damage.ts';
import { fileKind, integrityMatrix } from './integrity.contract.ts';

function isStoreFile(
  { handle, fileName }: ArtefactReference,
  scope: 'shared' | 'exclusive',
): boolean {
  return fileName !== undefined && handle.kind === 'file' && handle.scope === scope;
}

integrityMatrix('rocksdb', {
  backend: openRocksDB,
  inlineBelowBytes: 16,
  hasReplica: true,
  kinds: [
    fileKind('metadata', metadataTarget),
    fileKind('shared table', (stored) =>
      artefactTarget(stored, (one) => isStoreFile(one, 'shared')),
    ),
    fileKind('file of one checkpoint', (stored) =>
      artefactTarget(stored, (one) => isStoreFile(one, 'exclusive')),
    ),
    fileKind('description of the states', (stored) =>
      artefactTarget(stored, ({ role, fileName }) => {
        return role === 'keyed-state' && fileName === undefined;
      }),
    ),
  ],
});
