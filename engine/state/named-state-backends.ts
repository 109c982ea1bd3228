// The state backends that can be chosen by name, with their default options.

import { invalidValue } from '../graph/config-check.ts';
import { DruidStateBackend } from './druid-state-backend.ts';
import { FsStateBackend, MemoryStateBackend } from './hash-map-state-backend.ts';
import { HDFSStateBackend, S3StateBackend } from './remote-state-backends.ts';
import { RocksDBStateBackend } from './rocksdb/rocksdb-state-backend.ts';
import type { StateBackend } from './state-backend.ts';

export const STATE_BACKEND_NAMES = ['memory', 'fs', 'rocksdb', 'hdfs', 'druid', 's3'] as const;
export type StateBackendName = (typeof STATE_BACKEND_NAMES)[number];

const BACKENDS = new Map<string, () => StateBackend>([
  ['memory', () => new MemoryStateBackend()],
  ['fs', () => new FsStateBackend()],
  ['rocksdb', () => new RocksDBStateBackend()],
  ['hdfs', () => new HDFSStateBackend()],
  ['druid', () => new DruidStateBackend()],
  ['s3', () => new S3StateBackend()],
]);

/** OP-E302 for a name that nothing here has. */
export function namedStateBackend(name: string): StateBackend {
  const create = BACKENDS.get(name);
  if (create !== undefined) return create();
  const names = [...BACKENDS.keys()].map((known) => `"${known}"`).join(', ');
  throw invalidValue('state.backend.type', name, `${names} or a StateBackend object`);
}
