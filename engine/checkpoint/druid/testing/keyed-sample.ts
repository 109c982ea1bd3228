// A keyed snapshot as a job writes it, with states of several kinds, a window and a timer, so that
// tests can tell what people see of it in SQL.

import { checkpointId } from '../../../core/ids.ts';
import { HashMapStateBackend } from '../../../state/hash-map-state-backend.ts';
import type { KeyedStateBackend } from '../../../state/state-backend.ts';
import { artefactsOf } from '../../../state/state-handle.ts';
import { MemoryStreams } from '../../../state/testing/memory-streams.ts';
import { windowNamespaceSerializer } from '../../../operator/window/window-namespace.ts';
import { namespaceOf } from '../../../operator/window/time-window.ts';
import { present } from '../../../core/assert.ts';
import {
  longSerializer,
  stringSerializer,
} from '../../../stream/serializers/primitive-serializers.ts';
import { structOf } from '../../../stream/serializers/struct-serializer.ts';
import { voidNamespaceSerializer } from '../../../stream/serializers/void-namespace.ts';

export interface Flights {
  readonly airport: string;
  readonly count: number;
}

/** State 'flights' of each airport, 'seen' as a map, 'late' in a window, and a timer 'close'. */
export async function keyedSample(flights: readonly Flights[]): Promise<Uint8Array> {
  const backend = await new HashMapStateBackend('druid').createKeyedStateBackend({
    operatorName: 'count',
    maxParallelism: 16,
    range: { first: 0, last: 15 },
    now: () => 0,
    restore: [],
    read: () => Promise.reject(new Error('Cannot read: nothing is restored')),
  });
  fill(backend, flights);
  const handle = await backend.snapshot(checkpointId(1), new MemoryStreams());
  const [artefact] = artefactsOf(present(handle, 'Cannot take a snapshot of nothing'));
  if (artefact?.kind !== 'inline') throw new Error('Cannot use a snapshot outside of memory');
  return artefact.bytes;
}

function fill(backend: KeyedStateBackend, flights: readonly Flights[]): void {
  const serializer = structOf<{ count: number; last: string }>({
    count: longSerializer,
    last: stringSerializer,
  });
  const total = backend.valueState(
    { kind: 'value', name: 'flights', serializer },
    voidNamespaceSerializer,
  );
  const seen = backend.mapState<string, string, unknown>(
    { kind: 'map', name: 'seen' },
    voidNamespaceSerializer,
  );
  const late = backend.listState({ kind: 'list', name: 'late' }, windowNamespaceSerializer);
  const timers = backend.timerQueue('close', windowNamespaceSerializer);
  const window = namespaceOf({ start: 0, end: 60_000 });
  for (const { airport, count } of flights) {
    backend.setCurrentKey(airport);
    total.update({ count, last: `flight ${count}` });
    seen.put('tail', [count, null]);
    late.setCurrentNamespace(window);
    late.add(count);
    timers.add({ timestamp: 60_000, key: airport, namespace: window });
  }
}
