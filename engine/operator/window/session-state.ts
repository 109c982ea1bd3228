// Where the sessions of each key are kept: keyed state outside any window.

import type { ListState } from '../../state/keyed-state.ts';
import type { KeyedStateBackend } from '../../state/state-backend.ts';
import {
  VOID_NAMESPACE,
  type VoidNamespace,
  voidNamespaceSerializer,
} from '../../stream/serializers/void-namespace.ts';
import type { PersistedSession } from './merging-window-set.ts';

export type SessionState = ListState<PersistedSession>;

export function openSessions(backend: KeyedStateBackend): SessionState {
  const state = backend.listState<VoidNamespace, PersistedSession>(
    { kind: 'list', name: 'merging-window-set' },
    voidNamespaceSerializer,
  );
  state.setCurrentNamespace(VOID_NAMESPACE);
  return state;
}
