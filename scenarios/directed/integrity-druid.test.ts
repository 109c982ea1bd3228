// The integrity matrix of row sets in Druid: what is changed is changed in its deep storage, so
// that Druid itself cannot tell.

import { openDruid } from '../cluster/backends/druid-backend.ts';
import { artefactTarget, metadataTarget } from '../support/damage.ts';
import { fileKind, integrityMatrix } from './integrity.contract.ts';

integrityMatrix('druid', {
  backend: openDruid,
  inlineBelowBytes: 16,
  recordsPerSecond: 10,
  hasReplica: false,
  kinds: [
    fileKind('rows of the metadata', metadataTarget),
    fileKind('rows of keyed state', (stored) =>
      artefactTarget(stored, ({ role }) => role === 'keyed-state'),
    ),
  ],
});
