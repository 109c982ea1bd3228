// Where the flights job reads and writes, and how it treats flights that land late.

import { resolve } from 'node:path';
import type { StateBackendName } from '../../engine/state/named-state-backends.ts';
import type { FlightsJobOptions } from '../workloads/flights-job.ts';

const HOUR_MS = 3_600_000;

/** In the data 225 flights correct a day after it was reported, and 74 are too late. */
export const FLIGHTS_TIMES: FlightsJobOptions = {
  maxOutOfOrdernessMs: 2 * HOUR_MS,
  allowedLatenessMs: 2 * HOUR_MS,
};

/** How the job runs, where it is not the default: as JSON, the second argument of its program. */
export interface FlightsSettings {
  readonly backend?: StateBackendName;
  /** A URL, for checkpoints that do not go to the directory of the job. */
  readonly checkpointStorage?: string;
  readonly checkpointIntervalMs?: number;
  readonly recordsPerSecond?: number;
}

export interface FlightsPlaces {
  readonly input: string;
  readonly checkpoints: string;
  /** Of the JobManager itself, where checkpoints go elsewhere. */
  readonly highAvailability: string;
  readonly totals: string;
  readonly days: string;
  readonly late: string;
}

export function placesBelow(directory: string): FlightsPlaces {
  const base = resolve(directory);
  return {
    input: `${base}/flights.jsonl`,
    checkpoints: `${base}/checkpoints`,
    highAvailability: `${base}/high-availability`,
    totals: `${base}/output/totals`,
    days: `${base}/output/days`,
    late: `${base}/output/late`,
  };
}
