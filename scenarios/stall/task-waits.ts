// Why a task does not run, or runs and does not end.

import type { InputStatus, RunningTaskStatus, TaskStatus } from '../../engine/runtime/status.ts';
import type { Evidence, SeenTask } from './evidence.ts';
import { downOrPaused, isUnderWay } from './host-waits.ts';
import { QUEUED_ELEMENTS_MAX } from '../../engine/runtime/channel/subpartition.ts';
import { type Party, root, type Wait, wait } from './wait.ts';

export interface InputRef {
  /** The task whose input it is. */
  readonly attempt: string;
  readonly input: InputStatus;
}

/** By channel, in the order of its barrier handler. */
export function inputsOf({ subtask, task }: SeenTask): readonly InputRef[] {
  return (task?.inputs ?? []).map((input) => ({ attempt: subtask.attempt ?? '', input }));
}

/** Undefined where its host runs it. */
export function absentTask(evidence: Evidence, seen: SeenTask): readonly Wait[] | undefined {
  const { subtask, host, name, task } = seen;
  const address = subtask.host ?? '';
  const problem = downOrPaused(evidence, address);
  if (problem !== undefined) return problem;
  if (task !== undefined) return undefined;
  const { jobManager, leader } = evidence.raw;
  const isOther = host?.taskManager?.leaderEpoch !== leader?.leaderEpoch;
  const text = `${name} is ${subtask.state} for ${jobManager}, and ${address} does not run it`;
  if (isOther) return [wait(text, { kind: 'host', host: address })];
  for (const link of [
    { from: jobManager, to: address },
    { from: address, to: jobManager },
  ]) {
    if (isUnderWay(evidence, link.from, link.to)) return [wait(text, { kind: 'link', ...link })];
  }
  return root('certain', `${text}; nothing is under way between them: a message got lost`);
}

export function taskWaits(evidence: Evidence, attempt: string): readonly Wait[] {
  const seen = evidence.task(attempt);
  if (seen === undefined) return root('certain', `nobody knows the attempt ${attempt}`);
  const absent = absentTask(evidence, seen);
  if (absent !== undefined) return absent;
  const { name, task } = seen;
  const io: Party = { kind: 'io', host: seen.subtask.host ?? '' };
  if (task?.running === undefined) return [wait(`${name} restores its state`, io)];
  if (task.isFetching) return [wait(`${name} fetches the state that its next input needs`, io)];
  const { running } = task;
  const hasEnded = running.isFinished || running.isSuspended;
  return hasEnded ? ending(evidence, seen, running) : working(evidence, seen, running);
}

function working(evidence: Evidence, seen: SeenTask, running: RunningTaskStatus): readonly Wait[] {
  const { name, task } = seen;
  const full = congested(evidence, seen, QUEUED_ELEMENTS_MAX);
  if (full.length > 0) return full;
  const [operator] = running.unavailable;
  if (operator !== undefined) {
    const text = `${name} takes no input, because its operator "${operator}" is busy`;
    return [wait(text, { kind: 'io', host: seen.subtask.host ?? '' })];
  }
  const { source } = running;
  if (source !== undefined) return reading(seen, source);
  const inputs = inputsOf(seen).filter(({ input }) => !input.hasEnded);
  const ready = inputs.filter(({ input }) => input.queued > 0 && !input.isBlocked);
  if (ready.length > 0) {
    return root('open', `${name} has input that it can process, and is processing it`);
  }
  return channelsOf(evidence, { seen, inputs, task });
}

/** Channels that it waits for: those that are held back wait for their own barriers. */
function channelsOf(
  evidence: Evidence,
  {
    seen,
    inputs,
    task,
  }: {
    readonly seen: SeenTask;
    readonly inputs: readonly InputRef[];
    readonly task: TaskStatus | undefined;
  },
): readonly Wait[] {
  const { name } = seen;
  const alignment = task?.running?.checkpoints?.alignment;
  return inputs.map(({ attempt, input }) => {
    const producer = input.producer.attempt;
    const from = evidence.nameOf(producer);
    if (input.isBlocked && alignment !== undefined) {
      const { checkpoint } = alignment;
      const text = `${name} holds back its channel from ${from} until it is aligned`;
      return wait(text, { kind: 'snapshot', checkpoint, attempt });
    }
    const { edge } = input;
    const channel: Party = {
      kind: 'channel',
      edge,
      producer,
      consumer: attempt,
      barrier: undefined,
    };
    return wait(`${name} waits for input from ${from}`, channel);
  });
}

function reading(
  { name, subtask }: SeenTask,
  source: NonNullable<RunningTaskStatus['source']>,
): readonly Wait[] {
  const attempt = subtask.attempt ?? '';
  if (source.lastPoll === 'more-available') {
    return root('open', `${name} reads, and has more to read`);
  }
  if (source.isDismissed) {
    return root(
      'open',
      `the reader of ${name} has all its splits, and has not read them to the end`,
    );
  }
  const splits = source.splits === 0 ? 'no split' : `nothing more in its ${source.splits} splits`;
  return [wait(`${name} has ${splits} to read`, { kind: 'splits', attempt })];
}

/** All its data has gone through it. */
function ending(evidence: Evidence, seen: SeenTask, running: RunningTaskStatus): readonly Wait[] {
  const { name, subtask, task } = seen;
  if (!running.mayEnd) return lastCheckpoint(evidence, seen, running);
  const [operator] = running.undone;
  const io: Party = { kind: 'io', host: subtask.host ?? '' };
  if (operator !== undefined) {
    return [wait(`${name} is over its data, and its operator "${operator}" has work left`, io)];
  }
  const inputs = inputsOf(seen).filter(({ input }) => !input.hasEnded);
  if (inputs.length > 0) return channelsOf(evidence, { seen, inputs, task });
  const full = congested(evidence, seen, 0);
  if (full.length > 0) return full;
  if ((running.checkpoints?.snapshots.length ?? 0) > 0) {
    return [wait(`${name} has to store its last snapshot before it ends`, io)];
  }
  return root('likely', `${name} has nothing left to do, and has not ended`);
}

function lastCheckpoint(
  evidence: Evidence,
  { name }: SeenTask,
  { lastCheckpoint: last, isSuspended }: RunningTaskStatus,
): readonly Wait[] {
  const status = evidence.raw.leader?.job?.checkpoints;
  if (status === undefined) return root('certain', `${name} waits for a checkpoint of no job`);
  const done = status.latestCompleted ?? 0;
  if (last !== undefined && done >= last) {
    const told = `checkpoint ${done} is complete, and ${name} has not heard of it`;
    return root('certain', `${told}: it waits for ${last} or a later one`);
  }
  const stopped = isSuspended ? 'has stopped for a savepoint' : 'is over its data';
  const text = `${name} ${stopped}, and waits for a checkpoint that commits it`;
  const pending = status.pending.at(-1);
  if (pending !== undefined) {
    return [wait(text, { kind: 'checkpoint', checkpoint: pending.checkpoint })];
  }
  const { queuedRequests, discarding, isPeriodic } = status;
  if (queuedRequests > 0) {
    const turn = `${queuedRequests} requests wait while ${discarding} checkpoints are deleted`;
    return root('certain', `${text}; none is under way: ${turn}`);
  }
  const asks = isPeriodic ? 'the next one is not due' : 'nobody asks for one';
  const newest = done === 0 ? 'none is complete' : `${done} is complete`;
  const rest = `${newest}, none is under way, and ${asks}`;
  return root(isPeriodic ? 'likely' : 'certain', `${text}; ${rest}`);
}

/** Outputs with more waiting than that. */
function congested(
  evidence: Evidence,
  { name, subtask, task }: SeenTask,
  queuedMax: number,
): readonly Wait[] {
  const outputs = (task?.outputs ?? []).filter(({ queued }) => queued > queuedMax);
  return outputs.map(({ edge, consumer, queued }) => {
    const channel: Party = {
      kind: 'channel',
      edge,
      producer: subtask.attempt ?? '',
      consumer: consumer.attempt,
      barrier: undefined,
    };
    const to = evidence.nameOf(consumer.attempt);
    return wait(`${name} has ${queued} elements for ${to} and no credit`, channel);
  });
}
