// A backend as it is, with its checkpoints in a second place too, or encrypted, or both.

import type { StorageProtection } from '../../engine/checkpoint/checkpoint-place.ts';
import { securedCheckpointStorage } from '../../engine/checkpoint/secured-checkpoint-storage.ts';
import { directoryCheckpointStorage } from '../../engine/checkpoint/store-checkpoint-storage.ts';
import { present } from '../../engine/core/assert.ts';
import type { OpenBackend } from '../cluster/backends/backend-profile.ts';

export const MIRROR_DIRECTORY = '/shared/mirror';

export function protectedBackend(
  backend: OpenBackend,
  options: StorageProtection & { readonly isMirrored: boolean },
): OpenBackend {
  const { isMirrored, ...protection } = options;
  return (stage) => {
    const profile = backend(stage);
    const own = present(profile.checkpointStorage, 'Cannot protect what the backend brings itself');
    const mirror = isMirrored ? [directoryCheckpointStorage(MIRROR_DIRECTORY)] : [];
    return {
      ...profile,
      checkpointStorage: securedCheckpointStorage([own, ...mirror], protection),
    };
  };
}
