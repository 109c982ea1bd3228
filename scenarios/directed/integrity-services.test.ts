// The integrity matrix of artefacts that services keep: files in HDFS, objects in S3. What is
// changed is changed there, so nothing between the damage and the engine could tell.

import { openHdfs } from '../cluster/backends/hdfs-backend.ts';
import { openS3 } from '../cluster/backends/s3-backend.ts';
import { artefactTarget, metadataTarget } from '../support/damage.ts';
import { fileKind, integrityMatrix } from './integrity.contract.ts';

for (const [name, backend] of [
  ['hdfs', openHdfs],
  ['s3', openS3],
] as const) {
  integrityMatrix(name, {
    backend,
    inlineBelowBytes: 16,
    recordsPerSecond: 20,
    hasReplica: true,
    kinds: [
      fileKind('metadata', metadataTarget),
      fileKind('keyed state file', (stored) =>
        artefactTarget(stored, ({ role }) => role === 'keyed-state'),
      ),
    ],
  });
}
