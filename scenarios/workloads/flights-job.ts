// The job on real input: flights of a feed that tells of them as they land. Per origin the running
// count and delay; per origin and day the same, in event time, corrected while corrections are
// allowed; and apart from these the flights that land too late even for that.
//
// Too late is what the flight itself says, not what the watermark happens to be: after a recovery
// watermarks begin anew, and what was late before might not be late again.

import type { DataStream } from '../../engine/api/data-stream.ts';
import type { Collector } from '../../engine/operator/functions.ts';
import { OutputTag } from '../../engine/operator/output-tag.ts';
import { valueState } from '../../engine/operator/state-descriptors.ts';
import { WatermarkStrategy } from '../../engine/operator/watermark/watermark-strategy.ts';
import { TumblingEventTimeWindows } from '../../engine/operator/window/window-assigner.ts';

export interface Flight {
  readonly id: string;
  readonly origin: string;
  readonly destination: string;
  readonly delayMinutes: number;
  /** Event time. Milliseconds since 1970, as if the airport's clock showed UTC. */
  readonly departureMs: number;
  /** When the feed tells of it: never falls along the feed. */
  readonly landedMs: number;
}

/** After this flight of its origin. */
export interface OriginTotal {
  readonly kind: 'total';
  readonly origin: string;
  readonly flight: string;
  readonly flights: number;
  readonly delayMinutes: number;
  readonly meanDelayMinutes: number;
}

/** Of one origin on one day; replaced by a later one with more flights. */
export interface OriginDay {
  readonly kind: 'day';
  readonly origin: string;
  readonly dayMs: number;
  readonly flights: number;
  readonly delayMinutes: number;
  readonly meanDelayMinutes: number;
}

export interface LateFlight {
  readonly kind: 'late';
  readonly flight: string;
}

export interface FlightsJobOptions {
  /** How much earlier than a flight that has just landed a flight may have departed. */
  readonly maxOutOfOrdernessMs: number;
  /** How long a day is still corrected. */
  readonly allowedLatenessMs: number;
}

export interface FlightStreams {
  readonly totals: DataStream<OriginTotal>;
  readonly days: DataStream<OriginDay>;
  readonly late: DataStream<LateFlight>;
}

export const DAY_MS = 86_400_000;

interface Delays {
  readonly flights: number;
  readonly delayMinutes: number;
}

/** `flights` must come in the order of the feed, from one subtask: its order is its clock. */
export function flightsJob(flights: DataStream<Flight>, options: FlightsJobOptions): FlightStreams {
  const tooLate = new OutputTag<Flight>('too-late');
  const timed = flights
    .assignTimestampsAndWatermarks(feedTime(options))
    .uid('feed-time')
    .setParallelism(1);
  const inTime = timed
    .process({
      processElement(flight: Flight, context, out: Collector<Flight>) {
        if (isTooLate(flight, options)) context.output(tooLate, flight);
        else out.collect(flight);
      },
    })
    .uid('in-time')
    .setParallelism(1);
  const days = inTime
    .keyBy(({ origin }) => origin)
    .window(TumblingEventTimeWindows.of(DAY_MS))
    .allowedLateness(options.allowedLatenessMs)
    .sideOutputLateData(tooLate)
    .aggregate(sumOfDelays, (origin, { window }, [sum], out: Collector<OriginDay>) => {
      if (sum !== undefined) {
        out.collect({ kind: 'day', origin, dayMs: window.start, ...withMean(sum) });
      }
    })
    .uid('days');
  // The window operator finds none that the step before it has let pass; if it did, it would show.
  const late = inTime
    .getSideOutput(tooLate)
    .union(days.getSideOutput(tooLate))
    .map(({ id }): LateFlight => ({ kind: 'late', flight: id }));
  return { totals: totalsOf(timed), days, late };
}

/** The watermark that a flight causes has passed the end of its own day and what is allowed. */
export function isTooLate(
  { departureMs, landedMs }: Flight,
  { maxOutOfOrdernessMs, allowedLatenessMs }: FlightsJobOptions,
): boolean {
  const dayEndMs = dayOf(departureMs) + DAY_MS;
  return dayEndMs + allowedLatenessMs <= landedMs - maxOutOfOrdernessMs;
}

export function dayOf(departureMs: number): number {
  return departureMs - (departureMs % DAY_MS);
}

function totalsOf(flights: DataStream<Flight>): DataStream<OriginTotal> {
  return flights
    .keyBy(({ origin }) => origin)
    .process({
      state: { delays: valueState<Delays>('delays') },
      processElement({ id, origin, delayMinutes }: Flight, context, out: Collector<OriginTotal>) {
        const before = context.state.delays.value();
        const delays = {
          flights: (before?.flights ?? 0) + 1,
          delayMinutes: (before?.delayMinutes ?? 0) + delayMinutes,
        };
        context.state.delays.update(delays);
        out.collect({ kind: 'total', origin, flight: id, ...withMean(delays) });
      },
    })
    .uid('totals');
}

function feedTime({ maxOutOfOrdernessMs }: FlightsJobOptions): WatermarkStrategy<Flight> {
  return WatermarkStrategy.forGenerator<Flight>(() => ({
    onEvent: ({ landedMs }, _timestamp, output) =>
      output.emitWatermark(landedMs - maxOutOfOrdernessMs - 1),
    onPeriodicEmit: () => {},
  })).withTimestampAssigner(({ departureMs }) => departureMs);
}

const sumOfDelays = {
  createAccumulator: (): Delays => ({ flights: 0, delayMinutes: 0 }),
  add: ({ delayMinutes }: Flight, sum: Delays): Delays => ({
    flights: sum.flights + 1,
    delayMinutes: sum.delayMinutes + delayMinutes,
  }),
  getResult: (sum: Delays): Delays => sum,
};

export function withMean({ flights, delayMinutes }: Delays): Delays & { meanDelayMinutes: number } {
  return { flights, delayMinutes, meanDelayMinutes: delayMinutes / flights };
}
