// The state backends by name, in the order of reports, and which of them a scenario runs on unless
// it says otherwise.

export type BackendName = 'memory' | 'fs' | 'rocksdb' | 'hdfs' | 'druid' | 's3';

/** Quick, and without a service of their own: what runs when nobody asks for a backend. */
export const DEFAULT_BACKENDS: readonly BackendName[] = ['memory', 'fs'];

/** These run as well where they are asked for. */
export const BACKENDS_ON_REQUEST: readonly BackendName[] = ['rocksdb', 'hdfs', 'druid', 's3'];
