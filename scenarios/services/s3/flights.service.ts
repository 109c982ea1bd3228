// Exactly once, with checkpoints in a real S3: of state on the heap, and of state in RocksDB, whose
// files are uploaded once and shared between checkpoints.

import { flightsContract } from '../flights.contract.ts';
import { variableOf } from '../variable.ts';

for (const backend of ['s3', 'rocksdb'] as const) {
  const place = `${variableOf('ONCEPROOF_S3_URL')}/flights/${backend}`;
  flightsContract(`S3 with the ${backend} backend`, {
    kills: 3,
    settings: { backend, checkpointStorage: place, recordsPerSecond: 2_000 },
  });
}
