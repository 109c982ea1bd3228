// For each kind of fault a program with an assumption about its world that this kind alone breaks:
// kinds that no program can tell apart would be one kind under two names.

import test from 'ava';
import type { Address } from '../../engine/environment/network.ts';
import { FAULT_KINDS, type Fault, type FaultKind } from './fault.ts';
import { faultKindsOf } from './fault-catalog.ts';
import {
  type Arrival,
  type Observed,
  probe,
  RECEIVER,
  SENDER,
  type Sample,
} from './testing/probe.ts';

interface Fixture {
  readonly fault: Fault;
  /** What the program believes, and is wrong about. */
  readonly assumption: string;
  readonly isBroken: (observed: Observed) => boolean;
}

const window = { fromMs: 200, toMs: 700 } as const;
const hosts = [SENDER, RECEIVER] as const;

const FIXTURES: readonly Fixture[] = [
  {
    fault: { kind: 'crash', host: RECEIVER, atMs: 200, downMs: 5 },
    assumption: 'what was written is there after a quick restart',
    isBroken: (observed) => lostWrites(observed) && lifeGapMs(observed) < 50,
  },
  {
    fault: { kind: 'kill', host: RECEIVER, atMs: 200, downMs: 5 },
    assumption: 'a file that was never synced tells that this is still the same life',
    isBroken: ({ found }) =>
      found.some(({ life, found: was, written }) => life > 1 && was >= written && was > 0),
  },
  {
    fault: { kind: 'slow-start', host: RECEIVER, atMs: 200, downMs: 5, slowMs: 200 },
    assumption: 'a machine that lost power is back as soon as it has power',
    isBroken: (observed) => lostWrites(observed) && lifeGapMs(observed) > 100,
  },
  {
    fault: { kind: 'pause', host: RECEIVER, atMs: 200, forMs: 150 },
    assumption: 'a timer of a living process is at most a little late',
    isBroken: (observed) =>
      steps(observed, RECEIVER).some(([one, next]) => next.monotonicMs - one.monotonicMs > 100),
  },
  {
    fault: { kind: 'partition', from: SENDER, to: RECEIVER, atMs: 200, healMs: 300, twoWay: false },
    assumption: 'a new connection can be opened while both ends live',
    isBroken: (observed) =>
      isOneLife(observed) &&
      lost(observed).some(({ opens }) => opens) &&
      runsOfLost(observed).length < 3,
  },
  {
    fault: { kind: 'half-open', from: SENDER, to: RECEIVER, ...window },
    assumption: 'a connection to a living peer works or is reset',
    isBroken: (observed) =>
      isOneLife(observed) &&
      runsOfLost(observed).some((length) => length > 40) &&
      !lost(observed).some(({ opens }) => opens),
  },
  {
    fault: { kind: 'loss', ...window, oneIn: 10 },
    assumption: 'a message whose neighbors arrived has arrived',
    isBroken: (observed) =>
      observed.arrivals.every(({ isIntact }) => isIntact) &&
      runsOfLost(observed).filter((length) => length <= 2).length > 5,
  },
  {
    fault: { kind: 'memory-pressure', host: RECEIVER, ...window, room: 1, drainMs: 8 },
    assumption: 'a receiver that answers takes all of a burst',
    isBroken: (observed) =>
      runsOfLost(observed).filter((length) => length > 4 && length < 20).length > 5,
  },
  {
    fault: { kind: 'duplicate', ...window, oneIn: 5, maxMs: 5 },
    assumption: 'what arrives arrives once',
    isBroken: ({ arrivals }) => {
      const intact = arrivals.filter(({ isIntact }) => isIntact);
      return new Set(intact.map(keyOf)).size < intact.length;
    },
  },
  {
    fault: { kind: 'reorder', ...window, oneIn: 10, maxMs: 20 },
    assumption: 'messages of one connection arrive in order, copies aside',
    isBroken: ({ arrivals }) =>
      firstArrivals(arrivals).some(([one, next]) => next.number < one.number),
  },
  {
    fault: { kind: 'corruption', ...window, oneIn: 10 },
    assumption: 'what arrives is what was sent',
    isBroken: ({ arrivals }) => arrivals.some(({ isIntact }) => !isIntact),
  },
  {
    fault: { kind: 'latency', ...window, host: RECEIVER, addMs: 40 },
    assumption: 'an answer that comes every millisecond is fresh',
    isBroken: ({ arrivals }) => paced(arrivals, 1).some(({ atMs, sentMs }) => atMs - sentMs > 30),
  },
  {
    fault: { kind: 'slow-reader', fromMs: 200, toMs: 350, host: RECEIVER, eachMs: 3 },
    assumption: 'a receiver keeps pace with its sender',
    isBroken: ({ arrivals }) => paced(arrivals, 3).some(({ atMs, sentMs }) => atMs - sentMs > 60),
  },
  {
    fault: { kind: 'clog', from: SENDER, to: RECEIVER, ...window },
    assumption: 'messages sent apart arrive apart, or none of either direction does',
    isBroken: (observed) =>
      hasBurst(observed, RECEIVER) &&
      !hasBurst(observed, SENDER) &&
      paced(observed.arrivals, 3).length === 0,
  },
  {
    fault: { kind: 'swizzle', ...window, hosts, onward: hosts },
    assumption: 'no two directions hold back messages at a time',
    isBroken: (observed) => hasBurst(observed, RECEIVER) && hasBurst(observed, SENDER),
  },
  {
    fault: { kind: 'clock-offset', host: RECEIVER, byMs: 3_600_000 },
    assumption: 'the first look at the date is right',
    isBroken: (observed) =>
      Math.abs(
        (samplesOf(observed, RECEIVER)[0]?.wallMs ?? 0) -
          (samplesOf(observed, SENDER)[0]?.wallMs ?? 0),
      ) > 1_000,
  },
  {
    fault: { kind: 'clock-step', host: RECEIVER, atMs: 200, byMs: -3_600_000 },
    assumption: 'the date does not go back by an hour',
    isBroken: (observed) => wallSteps(observed).some((byMs) => byMs < -10_000),
  },
  {
    fault: { kind: 'clock-leap', host: RECEIVER, atMs: 200, smearMs: 5_000 },
    assumption: 'a second of the date is a second of a timer',
    isBroken: (observed) => {
      const small = wallSteps(observed).filter((byMs) => byMs < 0 && byMs >= -2);
      return small.length > 100 && !isDrifting(observed) && !isFrozen(observed);
    },
  },
  {
    fault: { kind: 'clock-freeze', host: RECEIVER, ...window },
    assumption: 'the date goes on within a hundred milliseconds',
    isBroken: isFrozen,
  },
  {
    fault: { kind: 'clock-drift', host: RECEIVER, ...window, ppm: 100_000 },
    assumption: 'timers of two machines count alike',
    isBroken: isDrifting,
  },
];

for (const { fault, assumption } of FIXTURES) {
  test(`${fault.kind} alone shows that this is wrong: ${assumption}`, async (t) => {
    const observed = await probe([fault]);
    const broken = FIXTURES.filter(({ isBroken }) => isBroken(observed));
    t.deepEqual(
      broken.map((one) => one.fault.kind),
      [fault.kind],
    );
  });
}

test('without a fault every assumption holds', async (t) => {
  const observed = await probe([]);
  t.deepEqual(
    FIXTURES.filter(({ isBroken }) => isBroken(observed)),
    [],
  );
  t.true(observed.arrivals.length > 2_000);
});

test('every kind has one fixture', (t) => {
  const elsewhere: readonly FaultKind[] = [
    // `disk-fixtures.test.ts`
    ...faultKindsOf('disk'),
    // `service-handler.test.ts`, and the integrity tests of checkpoints
    'http-error',
    'http-lost',
    'corrupt-checkpoint',
    // A crash, at an exact step: `scenarios/crash-points`
    'crash-point',
    // Of a job: `scenarios/cluster/operations/fixtures.test.ts`
    ...faultKindsOf('operation'),
    // `rare-choices.test.ts`
    'buggify',
  ];
  const kinds = [...FIXTURES.map(({ fault }): FaultKind => fault.kind), ...elsewhere];
  t.deepEqual(kinds.toSorted(), FAULT_KINDS.toSorted());
});

function samplesOf({ samples }: Observed, host: Address): readonly Sample[] {
  return samples.get(host) ?? [];
}

/** Neighboring samples of one life. */
function steps(observed: Observed, host: Address): (readonly [Sample, Sample])[] {
  const samples = samplesOf(observed, host);
  return samples.flatMap((one, at) => {
    const next = samples[at + 1];
    return next === undefined || next.life !== one.life ? [] : [[one, next] as const];
  });
}

/** By how much the date ran ahead of the timers from one look to the next. */
function wallSteps(observed: Observed): number[] {
  return steps(observed, RECEIVER).map(
    ([one, next]) => next.wallMs - one.wallMs - (next.monotonicMs - one.monotonicMs),
  );
}

function isFrozen(observed: Observed): boolean {
  return samplesOf(observed, RECEIVER).some(({ wallMs, life }, at, all) => {
    const later = all[at + 100];
    return later?.wallMs === wallMs && later.life === life;
  });
}

function isDrifting(observed: Observed): boolean {
  return (
    steps(observed, RECEIVER).filter(
      ([one, next]) => next.monotonicMs - one.monotonicMs !== next.worldMs - one.worldMs,
    ).length > 20
  );
}

function isOneLife({ samples }: Observed): boolean {
  return [...samples.values()].every((all) => all.every(({ life }) => life === 1));
}

function lostWrites({ found }: Observed): boolean {
  return found.some(({ life, found: was, written }) => life > 1 && was < written);
}

/** From the last look of the first life to the first look of the second. */
function lifeGapMs(observed: Observed): number {
  const samples = samplesOf(observed, RECEIVER);
  const second = samples.find(({ life }) => life === 2);
  const last = samples.findLast(({ life }) => life === 1);
  return second === undefined || last === undefined ? 0 : second.worldMs - last.worldMs;
}

function keyOf({ to, flow, number }: Arrival): string {
  return `${to} ${flow} ${number}`;
}

/** Messages that never arrived, of those that were sent in time to. */
function lost({ arrivals, sent }: Observed): Observed['sent'] {
  const arrived = new Set(
    arrivals.filter(({ to }) => to === RECEIVER).map(({ flow, number }) => `${flow} ${number}`),
  );
  return sent.slice(0, -50).filter(({ flow, number }) => !arrived.has(`${flow} ${number}`));
}

/** How many in a row were lost, each time. */
function runsOfLost(observed: Observed): number[] {
  const missing = new Set(lost(observed));
  const runs: number[] = [];
  let length = 0;
  for (const message of observed.sent.slice(0, -50)) {
    if (missing.has(message)) length += 1;
    else if (length > 0) {
      runs.push(length);
      length = 0;
    }
  }
  return length > 0 ? [...runs, length] : runs;
}

/** Neighbors of one flow among the first arrivals of each message at the receiver. */
function firstArrivals(arrivals: readonly Arrival[]): (readonly [Arrival, Arrival])[] {
  const firsts = new Map<string, Arrival>();
  for (const arrival of arrivals) {
    if (arrival.to !== RECEIVER || !arrival.isIntact || firsts.has(keyOf(arrival))) continue;
    firsts.set(keyOf(arrival), arrival);
  }
  const all = [...firsts.values()];
  return all.flatMap((one, at) => {
    const next = all[at + 1];
    return next?.flow === one.flow ? [[one, next] as const] : [];
  });
}

/** Arrivals that are the last of twenty which came exactly so far apart. */
function paced(arrivals: readonly Arrival[], everyMs: number): Arrival[] {
  const all = firstArrivals(arrivals);
  let count = 0;
  return all.flatMap(([one, next]) => {
    const isNeighbor = next.number === one.number + 1;
    count = isNeighbor && next.atMs - one.atMs === everyMs ? count + 1 : 0;
    return count >= 20 ? [next] : [];
  });
}

/** A hundred messages that were sent apart arrived together, though the host was awake. */
function hasBurst(observed: Observed, to: Address): boolean {
  const awake = new Set(
    steps(observed, to).flatMap(([one, next]) =>
      next.monotonicMs - one.monotonicMs < 50 ? [next.worldMs] : [],
    ),
  );
  const together = new Map<number, Set<number>>();
  for (const { to: at, atMs, sentMs } of observed.arrivals) {
    if (at !== to || !awake.has(atMs)) continue;
    together.set(atMs, (together.get(atMs) ?? new Set()).add(sentMs));
  }
  return [...together.values()].some((sent) => sent.size > 100);
}
