// Judges of the channels at a barrier: what one end had sent before it is what the other end had
// taken before it, or what the snapshot holds of it; nothing else, and in the same order.

import type { ObservedInput, ObservedOutput } from '../../engine/runtime/observer.ts';
import {
  type Checker,
  type Finding,
  type History,
  invalid,
  NOT_EXERCISED,
  valid,
} from './checker.ts';

interface Sent extends ObservedOutput {
  readonly mode: string;
}

interface Taken extends ObservedInput {
  readonly checkpoint: number;
  readonly mode: string;
  readonly attempt: string;
}

export const channelsKeepRecords: Checker = {
  name: 'channels-keep-records',
  explanation:
    'Of each channel a checkpoint counts every record once: those that were sent before the ' +
    'barrier were taken before it, in that order, or lie in the snapshot as data in flight.',
  check(history: History): Finding {
    const { sent, taken, recorded } = ends(history);
    let evaluated = 0;
    for (const input of taken) {
      const key = keyOf(input.checkpoint, input);
      const output = sent.get(key);
      if (output === undefined || input.mode === 'at-least-once') continue;
      const inFlight = input.mode === 'unaligned' ? recorded.get(input.attempt) : NOTHING;
      const held = inFlight?.get(key);
      // Its barriers have not all come in: the snapshot was given up.
      if (inFlight === undefined || (inFlight !== NOTHING && !inFlight.has(doneKey(input)))) {
        continue;
      }
      evaluated++;
      const problem = compare(input, output, held ?? 0);
      if (problem === undefined) continue;
      const channel = `Channel ${input.edge} ${input.from}→${input.to}`;
      return invalid(evaluated, `${channel}: ${problem.message}`, {
        expected: [problem.expected],
        actual: [problem.actual],
      });
    }
    return evaluated === 0 ? NOT_EXERCISED : valid(evaluated);
  },
};

const NOTHING: ReadonlyMap<string, number> = new Map();

interface Ends {
  readonly sent: ReadonlyMap<string, Sent>;
  readonly taken: readonly Taken[];
  /** By attempt; with a key of its own for every checkpoint that is complete there. */
  readonly recorded: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

function ends({ events }: History): Ends {
  const sent = new Map<string, Sent>();
  const taken: Taken[] = [];
  const recorded = new Map<string, Map<string, number>>();
  for (const { event } of events) {
    if (event.kind === 'channels-at-barrier') {
      const { checkpoint, mode, attempt } = event;
      for (const output of event.outputs) sent.set(keyOf(checkpoint, output), { ...output, mode });
      for (const input of event.inputs) taken.push({ ...input, checkpoint, mode, attempt });
    }
    if (event.kind !== 'channels-recorded') continue;
    const known = recorded.get(event.attempt) ?? new Map<string, number>();
    recorded.set(event.attempt, known);
    known.set(doneKey(event), 1);
    for (const input of event.inputs) known.set(keyOf(event.checkpoint, input), input.records);
  }
  return { sent, taken, recorded };
}

function compare(
  input: Taken,
  output: Sent,
  held: number,
): { readonly message: string; readonly expected: string; readonly actual: string } | undefined {
  const at = `at the barrier of checkpoint ${input.checkpoint}`;
  const wanted = output.records + input.restored;
  const found = input.records + held + output.overtaken;
  if (found !== wanted) {
    return {
      message: `${found} records are with ${input.attempt}, ${wanted} were sent, ${at}`,
      expected: `${output.records} sent + ${input.restored} restored`,
      actual: `${input.records} taken + ${held} held in front + ${output.overtaken} behind`,
    };
  }
  const bothAligned = input.mode === 'aligned' && output.mode === 'aligned';
  if (!bothAligned || input.order === output.order) return undefined;
  return {
    message: `they were taken in another order than they were sent in, ${at}`,
    expected: String(output.order),
    actual: String(input.order),
  };
}

function keyOf(
  checkpoint: number,
  { edge, from, to }: Pick<Taken, 'edge' | 'from' | 'to'>,
): string {
  return `${checkpoint} ${edge} ${from} ${to}`;
}

function doneKey({ checkpoint }: { readonly checkpoint: number }): string {
  return `${checkpoint} done`;
}
