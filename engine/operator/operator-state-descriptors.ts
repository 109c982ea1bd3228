// Short forms for declarations of operator state that have no keyed counterpart. A split list is
// declared with listState().

import type { MapStateDescriptor } from '../state/state-descriptor.ts';
import type { TypeSerializer } from '../stream/type-serializer.ts';
import type { UnionListStateDescriptor } from './state-declarations.ts';

export function unionListState<T>(
  name: string,
  options: { readonly serializer?: TypeSerializer<T> } = {},
): UnionListStateDescriptor<T> {
  return { kind: 'list', name, redistribution: 'union', ...options };
}

/** Every subtask must write the same into it. */
export function broadcastState<UK, UV>(
  name: string,
  options: {
    readonly keySerializer?: TypeSerializer<UK>;
    readonly valueSerializer?: TypeSerializer<UV>;
  } = {},
): MapStateDescriptor<UK, UV> {
  return { kind: 'map', name, ...options };
}
