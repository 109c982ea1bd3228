// The flights job, which also runs for real, on a part of its real input: running totals, corrected
// days and flights that land too late, whoever dies and whenever.

import { CollectionSource } from '../../engine/connector/collection-source.ts';
import { defineScenario, type Scenario, type ScenarioDefinition } from '../scenario.ts';
import {
  type Flight,
  flightsJob,
  type FlightsJobOptions,
  type LateFlight,
  type OriginDay,
  type OriginTotal,
} from '../workloads/flights-job.ts';
import { modelOf } from '../workloads/flights-model.ts';
import { FLIGHTS_SAMPLE } from '../workloads/flights-sample.ts';
import { CLUSTER_FAULTS } from './variants.ts';

type Output = OriginTotal | OriginDay | LateFlight;

const HOUR_MS = 3_600_000;
/** Some flights of the sample correct their day after it was reported, and some are too late. */
const TIMES: FlightsJobOptions = { maxOutOfOrdernessMs: HOUR_MS / 2, allowedLatenessMs: HOUR_MS };
const RECORDS_PER_SECOND = 80;

/** A report of a day gives way to one with more flights. */
function settle(outputs: readonly Output[]): readonly Output[] {
  const latest = new Map<string, number>();
  for (const output of outputs) {
    if (output.kind !== 'day') continue;
    const key = `${output.origin}/${output.dayMs}`;
    latest.set(key, Math.max(latest.get(key) ?? 0, output.flights));
  }
  return outputs.filter(
    (output) =>
      output.kind !== 'day' || output.flights === latest.get(`${output.origin}/${output.dayMs}`),
  );
}

const flights: ScenarioDefinition<Flight, Output> = {
  id: 'flights/delays',
  claim: 'Delays of real flights are summed up once each, per airport and per day.',
  tags: ['flights', 'windows'],
  workload: {
    records: FLIGHTS_SAMPLE.length,
    recordsPerSecond: RECORDS_PER_SECOND,
    generate: (index) => FLIGHTS_SAMPLE[index] as Flight,
  },
  job: ({ env, sink }) => {
    // One split and one reader: the order of the feed is what its lateness is measured by.
    const source = new CollectionSource({
      elements: FLIGHTS_SAMPLE,
      splits: 1,
      recordsPerSecond: RECORDS_PER_SECOND,
    });
    const feed = env.fromSource(source).uid('feed').setParallelism(1);
    const { totals, days, late } = flightsJob(feed, TIMES);
    totals
      .map((output): Output => output)
      .union(
        days.map((output): Output => output),
        late.map((output): Output => output),
      )
      .sinkTo(sink())
      .uid('sink');
  },
  model: (feed) => {
    const { totals, days, late } = modelOf(feed, TIMES);
    return [...totals, ...days, ...late];
  },
  settle,
  accountsFor: (output) => (output.kind === 'total' ? [output.flight] : []),
  idOf: ({ id }) => id,
  faults: CLUSTER_FAULTS,
};

export const flightsScenarios: readonly Scenario[] = [
  defineScenario(flights),
  defineScenario({
    ...flights,
    id: 'flights/delays-unaligned',
    claim: `${flights.claim} With unaligned checkpoints.`,
    checkpoints: { unaligned: true },
  }),
];
