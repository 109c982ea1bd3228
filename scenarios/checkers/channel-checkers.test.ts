// Channels that lose, repeat or reorder records around a barrier, and channels that do not.

import { checkpointId, executionAttemptId } from '../../engine/core/ids.ts';
import type { EngineEvent, ObservedInput, ObservedOutput } from '../../engine/runtime/observer.ts';
import { channelsKeepRecords } from './channel-checkers.ts';
import type { History } from './checker.ts';
import { type Case, checkerContract } from './checker.contract.ts';
import { at, history } from './testing/hand-made.ts';

type Mode = 'aligned' | 'at-least-once' | 'unaligned';

const CHANNEL = { edge: 'e', from: 0, to: 0 };
const CHECKPOINT = checkpointId(3);
const CONSUMER = executionAttemptId('b:0#0@1');

function producer(mode: Mode, output: Partial<ObservedOutput>): EngineEvent {
  const outputs = [{ ...CHANNEL, records: 10, overtaken: 0, order: 7, ...output }];
  const attempt = executionAttemptId('a:0#0@1');
  return {
    kind: 'channels-at-barrier',
    checkpoint: CHECKPOINT,
    attempt,
    mode,
    inputs: [],
    outputs,
  };
}

function consumer(mode: Mode, input: Partial<ObservedInput>): EngineEvent {
  const inputs = [{ ...CHANNEL, records: 10, restored: 0, order: 7, ...input }];
  const [kind, checkpoint] = ['channels-at-barrier' as const, CHECKPOINT];
  return { kind, checkpoint, attempt: CONSUMER, mode, inputs, outputs: [] };
}

function recorded(records: number, isThere = true): EngineEvent {
  const inputs = isThere ? [{ ...CHANNEL, records }] : [];
  return { kind: 'channels-recorded', checkpoint: CHECKPOINT, attempt: CONSUMER, inputs };
}

function run(...events: readonly EngineEvent[]): History {
  return history({ events: events.map((event, index) => at(index, event, 'tm')) });
}

const same = producer('aligned', {});

const CASES: readonly Case[] = [
  [channelsKeepRecords, 'no checkpoint', run(), 'not exercised'],
  [
    channelsKeepRecords,
    'a task that had ended before',
    run(consumer('aligned', {})),
    'not exercised',
  ],
  [channelsKeepRecords, 'equal counts in equal order', run(same, consumer('aligned', {})), 'valid'],
  [
    channelsKeepRecords,
    'a record behind the barrier in the state',
    run(same, consumer('aligned', { records: 11 })),
    'invalid',
  ],
  [
    channelsKeepRecords,
    'a record that is lost before the barrier',
    run(same, consumer('aligned', { records: 9 })),
    'invalid',
  ],
  [
    channelsKeepRecords,
    'records in another order',
    run(same, consumer('aligned', { order: 8 })),
    'invalid',
  ],
  [
    channelsKeepRecords,
    'more records where at least once is enough',
    run(producer('at-least-once', {}), consumer('at-least-once', { records: 12 })),
    'not exercised',
  ],
  [
    channelsKeepRecords,
    'records in flight at both ends',
    run(
      producer('unaligned', { overtaken: 3 }),
      consumer('unaligned', { records: 5 }),
      recorded(2),
    ),
    'valid',
  ],
  [
    channelsKeepRecords,
    'records in flight that the input did not record',
    run(
      producer('unaligned', { overtaken: 3 }),
      consumer('unaligned', { records: 5 }),
      recorded(1),
    ),
    'invalid',
  ],
  [
    channelsKeepRecords,
    'records in flight that both ends recorded',
    run(
      producer('unaligned', { overtaken: 3 }),
      consumer('unaligned', { records: 5 }),
      recorded(5),
    ),
    'invalid',
  ],
  [
    channelsKeepRecords,
    'records in flight that the output did not record',
    run(
      producer('unaligned', { overtaken: 0 }),
      consumer('unaligned', { records: 5 }),
      recorded(2),
    ),
    'invalid',
  ],
  [
    channelsKeepRecords,
    'an unaligned snapshot that was given up',
    run(producer('unaligned', { overtaken: 3 }), consumer('unaligned', { records: 5 })),
    'not exercised',
  ],
  [
    channelsKeepRecords,
    'a channel whose barrier was in when the others were overtaken',
    run(same, consumer('unaligned', {}), recorded(0, false)),
    'valid',
  ],
  [
    channelsKeepRecords,
    'restored records that were taken before what was sent',
    run(same, consumer('aligned', { records: 14, restored: 4 })),
    'valid',
  ],
  [
    channelsKeepRecords,
    'restored records that were dropped',
    run(same, consumer('aligned', { records: 10, restored: 4 })),
    'invalid',
  ],
  [
    channelsKeepRecords,
    'restored records that are in flight still',
    run(
      producer('unaligned', { records: 0 }),
      consumer('unaligned', { records: 1, restored: 4 }),
      recorded(3),
    ),
    'valid',
  ],
];

checkerContract(CASES);
