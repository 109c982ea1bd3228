/**
 * The trace of one invented finding: a commit repeated after a lost notification.
 * It has what a diagram must cope with: messages that cross, one that is lost, barriers, a crash,
 * a restore, long stretches of local work. The times add up; nothing ran to produce it.
 */
import type { FindingNew, TraceEvent } from '../finding-events.ts';

type Draft = Omit<TraceEvent, 'step'>;

const JM = 'jm';
const SOURCE = 'tm-0';
const SINK = 'tm-1';
const STORE = 's3';

/** About 70 events over 13 simulated seconds. */
export function sampleTrace(): TraceEvent[] {
  const drafts = [...start(), ...records(11_200, 3), ...checkpoint(6, 11_400, true)];
  drafts.push(...records(11_800, 4), ...checkpoint(7, 12_010, false));
  drafts.push(...recovery());
  return drafts
    .toSorted((left, right) => left.timeMs - right.timeMs)
    .map((draft, step) => ({ step: step + 1_801, ...draft }));
}

/** The finding the trace belongs to. */
export function sampleFinding(): FindingNew {
  const run = 'sink/two-phase-commit@rocksdb#9f3c21aa04d7be10';
  return {
    v: 1,
    type: 'finding.new',
    id: 'F1',
    fingerprint: '7c1d90ab',
    property: 'no-duplicate-output',
    case: 'sink/two-phase-commit@rocksdb',
    run,
    message: 'Record e412 was committed twice by sink[1].',
    expected: [
      'e410  order-41  12  ck 6',
      'e411  order-42  1990  ck 6',
      'e412  order-42  2490  ck 7',
    ],
    actual: [
      'e410  order-41  12  ck 6',
      'e411  order-42  1990  ck 6',
      'e412  order-42  2490  ck 7',
      'e412  order-42  2490  ck 7',
    ],
    schedule: [
      { timeMs: 12_010, host: JM, text: 'trigger checkpoint 7', kind: 'event' },
      { timeMs: 12_204, host: SINK, text: 'sink[1] prepareCommit(ck 7) → txn-7', kind: 'event' },
      { timeMs: 12_377, host: SINK, text: 'crash after ack(7) by sink[1]', kind: 'fault' },
      { timeMs: 12_377, host: JM, text: 'drop jm → tm-1 notifyComplete(7)', kind: 'fault' },
      { timeMs: 12_420, host: SINK, text: 'restart, restore checkpoint 7', kind: 'event' },
      { timeMs: 12_431, host: SINK, text: 'recover([txn-7]) commits again', kind: 'violation' },
    ],
    replay: `npx onceproof replay ${run}`,
  };
}

function start(): Draft[] {
  return [
    { timeMs: 11_000, host: JM, kind: 'restart', text: 'jm starts, leader epoch 3' },
    { timeMs: 11_010, host: SOURCE, kind: 'restart', text: 'tm-0 registers 2 slots' },
    { timeMs: 11_015, host: SINK, kind: 'restart', text: 'tm-1 registers 2 slots' },
    ...Array.from({ length: 5 }, (_, index) => ({
      timeMs: 11_020 + index,
      host: SOURCE,
      kind: 'timer',
      text: `source[0] polls split ${index}`,
    })),
  ];
}

function records(timeMs: number, batches: number): Draft[] {
  return Array.from({ length: batches }, (_, index) => {
    const at = timeMs + index * 20;
    return [
      ...message({ at, took: 12, from: SOURCE, to: SINK, name: `batch ${timeMs}-${index}` }),
      { timeMs: at + 14, host: SINK, kind: 'process', text: `sum[1] applies 16 records` },
    ];
  }).flat();
}

function checkpoint(id: number, timeMs: number, isNotified: boolean): Draft[] {
  const barrier = { name: `barrier ${id}`, checkpoint: id, kind: 'barrier' };
  return [
    { timeMs, host: JM, kind: 'checkpoint', text: `trigger checkpoint ${id}`, checkpoint: id },
    ...message({
      at: timeMs + 1,
      took: 20,
      from: JM,
      to: SOURCE,
      ...barrier,
      name: `trigger ${id}`,
    }),
    ...message({ at: timeMs + 30, took: 45, from: SOURCE, to: SINK, ...barrier }),
    ...message({ at: timeMs + 90, took: 60, from: SOURCE, to: STORE, name: `put op-1/chk-${id}` }),
    ...message({ at: timeMs + 160, took: 20, from: SOURCE, to: JM, name: `ack ${id} source[0]` }),
    {
      timeMs: timeMs + 194,
      host: SINK,
      kind: 'commit',
      text: `prepareCommit(ck ${id}) → txn-${id}`,
    },
    ...message({ at: timeMs + 210, took: 70, from: SINK, to: STORE, name: `put op-2/chk-${id}` }),
    ...message({ at: timeMs + 300, took: 25, from: SINK, to: JM, name: `ack ${id} sink[1]` }),
    {
      timeMs: timeMs + 340,
      host: JM,
      kind: 'checkpoint',
      text: `checkpoint ${id} completed`,
      checkpoint: id,
    },
    ...(isNotified
      ? [
          ...message({
            at: timeMs + 350,
            took: 9,
            from: JM,
            to: SINK,
            name: `notifyComplete ${id}`,
          }),
          { timeMs: timeMs + 361, host: SINK, kind: 'commit', text: `commit txn-${id}` },
        ]
      : []),
  ];
}

function recovery(): Draft[] {
  const lost = { from: JM, to: SINK, message: 'm-lost', text: 'notifyComplete(7)' };
  return [
    { timeMs: 12_365, host: JM, kind: 'send', ...lost },
    { timeMs: 12_366, host: SINK, kind: 'commit', text: 'commit txn-7 on a retried notification' },
    { timeMs: 12_377, host: SINK, kind: 'crash', text: '⚡ crash tm-1 after ack(7)' },
    { timeMs: 12_378, host: JM, kind: 'drop', ...lost },
    { timeMs: 12_410, host: JM, kind: 'failover', text: 'heartbeat of tm-1 timed out' },
    {
      timeMs: 12_420,
      host: SINK,
      kind: 'restart',
      text: 'restart, restore checkpoint 7',
      checkpoint: 7,
    },
    ...message({ at: 12_422, took: 4, from: STORE, to: SINK, name: 'get op-2/chk-7' }),
    { timeMs: 12_430, host: SINK, kind: 'commit', text: 'recover([txn-7]) commits txn-7' },
    {
      timeMs: 12_431,
      host: SINK,
      kind: 'violation',
      text: 'no-duplicate-output: e412 was already committed',
    },
  ];
}

function message(options: {
  readonly at: number;
  readonly took: number;
  readonly from: string;
  readonly to: string;
  readonly name: string;
  readonly checkpoint?: number;
  readonly kind?: string;
}): Draft[] {
  const { at, took, from, to, name, kind } = options;
  const shared = {
    from,
    to,
    message: `${name} ${at}`,
    text: name,
    ...(options.checkpoint === undefined ? {} : { checkpoint: options.checkpoint }),
  };
  const prefix = kind === undefined ? '' : `${kind}-`;
  return [
    { timeMs: at, host: from, kind: `${prefix}send`, ...shared },
    { timeMs: at + took, host: to, kind: `${prefix}deliver`, ...shared },
  ];
}
