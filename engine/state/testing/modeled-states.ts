// The states of the model in a real backend: carries operations out and reads the whole content as
// the model describes it. Of one subtask; what several of them hold is put together.

import { assert, present } from '../../core/assert.ts';
import { longSerializer } from '../../stream/serializers/primitive-serializers.ts';
import { keyGroupOf } from '../key-groups.ts';
import type { InternalTimer, KeyedStateBackend, TimerQueue } from '../state-backend.ts';
import type { AggregateFunction } from '../state-descriptor.ts';
import {
  cellId,
  type CellReading,
  meanText,
  type StateContent,
  textOf,
  timerText,
} from './model-content.ts';
import {
  BRIEF_MS,
  MODEL_KEYS,
  MODEL_NAMESPACES,
  mapKeyOf,
  type StateOperation,
} from './model-operations.ts';
import { takeTimers } from './take-timers.ts';

type Mean = readonly [sum: number, count: number];
interface Value {
  readonly n: number;
  readonly list: number[];
}

const LISTING_STATES = ['value', 'list', 'map', 'sum', 'mean'];
const TTL = { ttlMs: BRIEF_MS };
const MEAN: AggregateFunction<number, Mean, string> = {
  createAccumulator: () => [0, 0],
  add: (value, [sum, count]) => [sum + value, count + 1],
  getResult: meanText,
  merge: (left, right) => [left[0] + right[0], left[1] + right[1]],
};

/** On the subtask that owns the key. */
export async function applyOperation(
  backend: KeyedStateBackend,
  operation: StateOperation,
): Promise<void> {
  const key = present(MODEL_KEYS[operation.key], `Cannot find key ${operation.key}`);
  await backend.prepare?.([key]);
  backend.setCurrentKey(key);
  change(statesOf(backend, operation.namespace), operation, key);
}

/** Polls the timers up to `timestamp`; sorted. */
export async function fireTimers(
  backend: KeyedStateBackend,
  timestamp: number,
): Promise<readonly string[]> {
  const queue = timersOf(backend);
  const taken = await takeTimers(backend, 'timers', queue, timestamp);
  return taken.map((timer) => timerText(timer.key, timer.namespace, timer.timestamp)).toSorted();
}

/**
 * In the first key group of the subtask, and no part of the model: snapshots of so much state are
 * written in several pieces, and operations come between these.
 */
export async function addBallast(backend: KeyedStateBackend, sizeBytes: number): Promise<void> {
  let key = 0;
  while (keyGroupOf(key, backend.maxParallelism) !== backend.range.first) key++;
  await backend.prepare?.([key]);
  backend.setCurrentKey(key);
  const state = backend.valueState<number, string>(
    { kind: 'value', name: 'ballast' },
    longSerializer,
  );
  state.setCurrentNamespace(0);
  state.update('x'.repeat(sizeBytes));
}

/** Of every key of the model that this subtask owns. */
export async function readContent(backend: KeyedStateBackend): Promise<StateContent> {
  const { first, last } = backend.range;
  const owned = MODEL_KEYS.filter((key) => {
    const group = keyGroupOf(key, backend.maxParallelism);
    return group >= first && group <= last;
  });
  const timers = await readTimers(backend);
  await backend.prepare?.(owned);
  const listed = listedKeys(backend);
  const content = new Map<string, string>();
  for (const key of owned) {
    backend.setCurrentKey(key);
    for (const namespace of MODEL_NAMESPACES) {
      const reading = readCell(backend, { key, namespace, timers, listed });
      content.set(cellId(MODEL_KEYS.indexOf(key), namespace), textOf(reading));
    }
  }
  const isStray = (key: unknown) => !owned.some((own) => isSameKey(own, key));
  for (const key of [...[...listed.values()].flat(), ...timers.map((timer) => timer.key)]) {
    if (isStray(key)) content.set(JSON.stringify(key), 'in the wrong subtask');
  }
  return content;
}

export function joinContents(parts: readonly StateContent[]): StateContent {
  const joined = new Map<string, string>();
  for (const [place, text] of parts.flatMap((part) => [...part])) {
    assert(!joined.has(place), `Two subtasks own ${place}`);
    joined.set(place, text);
  }
  return joined;
}

function statesOf(backend: KeyedStateBackend, namespace: number) {
  const value = backend.valueState<number, Value>({ kind: 'value', name: 'value' }, longSerializer);
  const list = backend.listState<number, number>({ kind: 'list', name: 'list' }, longSerializer);
  const map = backend.mapState<number, number, number>(
    { kind: 'map', name: 'map' },
    longSerializer,
  );
  const sum = backend.reducingState<number, number>(
    { kind: 'reducing', name: 'sum', reduce: (left, right) => left + right },
    longSerializer,
  );
  const mean = backend.aggregatingState<number, number, Mean, string>(
    { kind: 'aggregating', name: 'mean', aggregate: MEAN },
    longSerializer,
  );
  const brief = backend.valueState<number, number>(
    { kind: 'value', name: 'brief', ttl: TTL },
    longSerializer,
  );
  const briefMap = backend.mapState<number, number, number>(
    { kind: 'map', name: 'brief-map', ttl: TTL },
    longSerializer,
  );
  for (const state of [value, list, map, sum, mean, brief, briefMap]) {
    state.setCurrentNamespace(namespace);
  }
  return { value, list, map, sum, mean, brief, briefMap, timers: timersOf(backend) };
}

function timersOf(backend: KeyedStateBackend): TimerQueue<number> {
  return backend.timerQueue<number>('timers', longSerializer);
}

function change(
  states: ReturnType<typeof statesOf>,
  { kind, namespace, value }: StateOperation,
  key: unknown,
): void {
  switch (kind) {
    case 'update':
      return states.value.update({ n: value, list: [value] });
    case 'mutate': {
      const current = states.value.value();
      current?.list.push(value);
      return states.value.update(current);
    }
    case 'clear':
      states.value.clear();
      return states.list.clear();
    case 'add':
      return states.list.add(value);
    case 'replace-list':
      return states.list.update([value, value + 1]);
    case 'put':
      return states.map.put(mapKeyOf(value), value);
    case 'remove':
      return states.map.remove(mapKeyOf(value));
    case 'clear-map':
      return states.map.clear();
    case 'fold':
      return states.sum.add(value);
    case 'aggregate':
      return states.mean.add(value);
    case 'clear-folds':
      states.sum.clear();
      return states.mean.clear();
    case 'merge':
      for (const state of [states.list, states.sum, states.mean]) state.mergeNamespaces(0, [1]);
      return;
    case 'set-timer':
      return void states.timers.add({ key, namespace, timestamp: value });
    case 'cancel-timer':
      return void states.timers.remove({ key, namespace, timestamp: value });
    case 'keep-briefly':
      return states.brief.update(value);
    case 'put-briefly':
      return states.briefMap.put(mapKeyOf(value), value);
    case 'remove-brief':
      states.brief.clear();
      return states.briefMap.remove(mapKeyOf(value));
  }
}

interface Place {
  readonly key: unknown;
  readonly namespace: number;
  readonly timers: readonly InternalTimer<number>[];
  readonly listed: ListedKeys;
}

function readCell(
  backend: KeyedStateBackend,
  { key, namespace, timers, listed }: Place,
): CellReading {
  const { value, list, map, sum, mean, brief, briefMap } = statesOf(backend, namespace);
  return {
    value: value.value(),
    list: list.get(),
    map: map.entries(),
    sum: sum.get(),
    mean: mean.get(),
    brief: brief.value(),
    briefMap: briefMap.entries(),
    timers: timers.flatMap((timer) =>
      timer.namespace === namespace && isSameKey(timer.key, key) ? [timer.timestamp] : [],
    ),
    listedBy: LISTING_STATES.filter((name) =>
      listed.get(`${name}/${namespace}`)?.some((one) => isSameKey(one, key)),
    ),
  };
}

/** A queue can only be read by emptying it; put back in the same order, it is the same queue. */
async function readTimers(backend: KeyedStateBackend): Promise<readonly InternalTimer<number>[]> {
  const queue = timersOf(backend);
  const { size } = queue;
  const timers = await takeTimers(backend, 'timers', queue);
  const isCounted = size === undefined || timers.length === size;
  assert(isCounted, `The queue says ${size} timers and has ${timers.length}`);
  for (const timer of timers) queue.add(timer);
  return timers;
}

type ListedKeys = ReadonlyMap<string, readonly unknown[]>;

/** By state and namespace. */
function listedKeys(backend: KeyedStateBackend): ListedKeys {
  const listed = new Map<string, readonly unknown[]>();
  // States that are not open yet have no keys.
  statesOf(backend, 0);
  for (const name of LISTING_STATES) {
    for (const namespace of MODEL_NAMESPACES) {
      listed.set(`${name}/${namespace}`, [...backend.keys(name, namespace)]);
    }
  }
  return listed;
}

function isSameKey(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
