// The flights job for real, in a process of its own that may be killed at any moment: started
// again, it goes on where its checkpoints end. Tells its parent, if it has one, what happens.
//
//   node scenarios/flights/run-job.ts <directory> [<settings, in JSON>]

import { FileSink } from '../../engine/connector/file-sink.ts';
import { FileSource } from '../../engine/connector/file-source.ts';
import { jsonLines } from '../../engine/connector/json-lines.ts';
import { describeError } from '../../engine/core/errors.ts';
import { StreamExecutionEnvironment } from '../../engine/index.ts';
import { WatermarkStrategy } from '../../engine/operator/watermark/watermark-strategy.ts';
import type { EngineEvent } from '../../engine/runtime/observer.ts';
import { type Flight, flightsJob } from '../workloads/flights-job.ts';
import { FLIGHTS_TIMES, type FlightsSettings, placesBelow } from './places.ts';

const CHECKPOINT_INTERVAL_MS = 100;
/** Slow enough to be killed several times on the way: five seconds. */
const RECORDS_PER_SECOND = 4_000;

async function main(directory: string, settings: FlightsSettings): Promise<void> {
  const places = placesBelow(directory);
  const env = StreamExecutionEnvironment.getExecutionEnvironment({ parallelism: 2 });
  env
    .enableCheckpointing(settings.checkpointIntervalMs ?? CHECKPOINT_INTERVAL_MS)
    .setStateBackend(settings.backend ?? 'fs')
    .setCheckpointStorage(settings.checkpointStorage ?? places.checkpoints);
  if (settings.checkpointStorage !== undefined) {
    env.setHighAvailabilityStorage(places.highAvailability);
  }
  const source = new FileSource<Flight>({
    path: places.input,
    format: jsonLines<Flight>(),
    recordsPerSecond: settings.recordsPerSecond ?? RECORDS_PER_SECOND,
  });
  const feed = env.fromSource(source, WatermarkStrategy.noWatermarks<Flight>(), 'flights');
  const { totals, days, late } = flightsJob(feed.uid('feed').setParallelism(1), FLIGHTS_TIMES);
  totals.sinkTo(sinkTo(places.totals)).uid('totals-sink');
  days.sinkTo(sinkTo(places.days)).uid('days-sink');
  late.sinkTo(sinkTo(places.late)).uid('late-sink');
  const { state } = await env.execute('flights', { onEvent: tell });
  process.send?.({ kind: 'ended', state });
}

function sinkTo<T>(directory: string): FileSink<T> {
  return new FileSink<T>({ directory, format: jsonLines<T>() });
}

function tell(event: EngineEvent): void {
  if (event.kind === 'checkpoint-completed' || event.kind === 'job-restoring') {
    process.send?.({ kind: event.kind, checkpoint: event.checkpoint });
  }
}

try {
  const [, , directory = '.onceproof/flights', settings = '{}'] = process.argv;
  await main(directory, JSON.parse(settings) as FlightsSettings);
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
}
