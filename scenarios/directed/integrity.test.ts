// The integrity matrix of artefacts that are files in a directory, and of what stands inside of the
// metadata: with the JobManager, too.

import { openFs, openMemory } from '../cluster/backends/directory-backends.ts';
import { artefactTarget, metadataTarget } from '../support/damage.ts';
import { damageInlined } from '../support/damage-inlined.ts';
import { type ArtefactKind, fileKind, integrityMatrix } from './integrity.contract.ts';

const INLINED: ArtefactKind = {
  what: 'inlined state',
  strike: ({ raw }, corruption) => damageInlined(raw, corruption),
};

integrityMatrix('fs', {
  backend: openFs,
  inlineBelowBytes: 16,
  hasReplica: true,
  kinds: [
    fileKind('metadata', metadataTarget),
    fileKind('keyed state file', (stored) =>
      artefactTarget(stored, ({ role }) => role === 'keyed-state'),
    ),
    fileKind('operator state file', (stored) =>
      artefactTarget(stored, ({ role }) => role === 'operator-state'),
    ),
  ],
});

integrityMatrix('fs', {
  backend: openFs,
  inlineBelowBytes: 20_000,
  // Wrong before it was written, it is wrong in all copies.
  hasReplica: false,
  kinds: [INLINED],
});

integrityMatrix('memory', {
  backend: openMemory,
  inlineBelowBytes: 20_000,
  hasReplica: false,
  kinds: [fileKind('metadata', metadataTarget), INLINED],
});
