// Exactly once, with checkpoints in a real HDFS: of state on the heap, and of state in RocksDB,
// whose files are uploaded once and shared between checkpoints.

import { flightsContract } from '../flights.contract.ts';
import { variableOf } from '../variable.ts';

for (const backend of ['hdfs', 'rocksdb'] as const) {
  const place = `${variableOf('ONCEPROOF_HDFS_URL')}/flights/${backend}?user.name=onceproof`;
  flightsContract(`HDFS with the ${backend} backend`, {
    kills: 3,
    settings: { backend, checkpointStorage: place, recordsPerSecond: 2_000 },
  });
}
