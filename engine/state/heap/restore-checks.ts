// What is checked of restored state before anything is made of it, and how each refusal is worded:
// the same on every backend.

import { OnceproofError } from '../../core/errors.ts';
import type { SerializerSnapshot, TypeSerializer } from '../../stream/type-serializer.ts';
import { keyGroupOf } from '../key-groups.ts';
import type { KeyedStateBackendOptions } from '../state-backend.ts';
import type { IncrementalStateHandle } from '../state-handle.ts';
import type { SnapshotHeader, StateKind } from './snapshot-format.ts';

/** OP-E405: keys and namespaces find entries, so they may not migrate. OP-E407: values. */
export function schemaChanged(
  code: 'OP-E405' | 'OP-E407',
  name: string,
  written: SerializerSnapshot,
  operatorName: string,
): OnceproofError {
  const message =
    `Cannot restore state "${name}": it was written as "${written.id}", which the ` +
    'serializer declared now does not read';
  const remedy =
    code === 'OP-E405'
      ? 'Keep the serializers of keys, namespaces and user keys as they were'
      : 'Keep the type of the value; a struct may lose fields, and gain them with a default or ' +
        'as optional';
  return new OnceproofError(code, message, { place: `operator "${operatorName}"`, remedy });
}

export function otherKind(
  name: string,
  operatorName: string,
  [before, now]: readonly [StateKind, StateKind],
): OnceproofError {
  return new OnceproofError(
    'OP-E404',
    `Cannot open "${name}" as ${now} state: it is ${before} state`,
    { place: `operator "${operatorName}"`, remedy: 'Give each state of an operator its own name' },
  );
}

export function otherBackend(
  { format }: IncrementalStateHandle,
  operatorName: string,
): OnceproofError {
  return new OnceproofError(
    'OP-E408',
    `Cannot restore keyed state on the heap: it consists of files of a ${format} store`,
    {
      place: `operator "${operatorName}"`,
      remedy: `Restore it with the state backend "${format}", or from a savepoint`,
    },
  );
}

/** The pair of the check on write: a key that changes groups would be routed past its state. */
export function checkGroup(
  { key, keyGroup }: { readonly key: unknown; readonly keyGroup: number },
  state: {
    readonly name: string;
    readonly maxParallelism: number;
    readonly operatorName: string;
  },
): void {
  const group = keyGroupOf(key, state.maxParallelism);
  if (group === keyGroup) return;
  throw new OnceproofError(
    'OP-E409',
    `Cannot restore state "${state.name}": a key of group ${group} was stored under group ` +
      `${keyGroup}`,
    {
      place: `operator "${state.operatorName}"`,
      remedy: 'Check that the key serializer gives back keys equal to those it was given',
    },
  );
}

/** What a checkpoint says of the whole operator: OP-E313 and OP-E405. */
export function checkWritten(
  header: Pick<SnapshotHeader, 'maxParallelism' | 'key'>,
  options: KeyedStateBackendOptions,
  key: TypeSerializer<unknown>,
): void {
  checkMaxParallelism(header.maxParallelism, options);
  if (key.compatibilityWith(header.key) === 'as-is') return;
  throw keyChanged(header.key, options.operatorName);
}

function checkMaxParallelism(written: number, options: KeyedStateBackendOptions): void {
  if (written === options.maxParallelism) return;
  throw new OnceproofError(
    'OP-E313',
    `Cannot restore keyed state: it was written with maximum parallelism ${written}, the job has ` +
      `${options.maxParallelism}`,
    {
      place: `operator "${options.operatorName}"`,
      remedy: `Set the maximum parallelism to ${written}`,
    },
  );
}

function keyChanged(written: SerializerSnapshot, operatorName: string): OnceproofError {
  return new OnceproofError(
    'OP-E405',
    `Cannot restore keyed state: its keys were written as "${written.id}", which the key ` +
      'serializer declared now does not read as it is',
    { place: `operator "${operatorName}"`, remedy: 'Keep the type of the key as it was' },
  );
}
