// Why a checkpoint is not complete, and why a task has not answered it.

import type { TaskCheckpointsStatus } from '../../engine/runtime/status.ts';
import type { Evidence, SeenTask } from './evidence.ts';
import { isUnderWay } from './host-waits.ts';
import { ms } from './milliseconds.ts';
import { absentTask, type InputRef, inputsOf } from './task-waits.ts';
import { root, type Wait, wait } from './wait.ts';

export function checkpointWaits(evidence: Evidence, checkpoint: number): readonly Wait[] {
  const { leader, jobManager } = evidence.raw;
  const all = leader?.job?.checkpoints?.pending ?? [];
  const pending = all.find((one) => one.checkpoint === checkpoint);
  const name = `checkpoint ${checkpoint}`;
  if (pending === undefined) return root('certain', `${name} is not under way any more`);
  const io = { kind: 'io', host: jobManager } as const;
  switch (pending.phase) {
    case 'locating':
      return [wait(`${name} waits for its directory`, io)];
    case 'collecting':
      return pending.awaiting.map((attempt) => {
        const text = `${name} waits for the acknowledgement of ${evidence.nameOf(attempt)}`;
        return wait(text, { kind: 'snapshot', checkpoint, attempt });
      });
    case 'storing':
      return [wait(`${name} is acknowledged by all tasks, and its metadata is written`, io)];
    case 'unsettled':
      return [wait(`of ${name} nobody knows whether its metadata was written`, io)];
    case 'over':
      return root('open', `${name} is over`);
  }
}

interface Asked {
  readonly evidence: Evidence;
  readonly seen: SeenTask;
  readonly checkpoint: number;
}

/** Why a task has not answered a checkpoint. */
export function snapshotWaits(
  evidence: Evidence,
  checkpoint: number,
  attempt: string,
): readonly Wait[] {
  const seen = evidence.task(attempt);
  if (seen === undefined) {
    return root('certain', `the JobManager knows no attempt ${attempt} any more`);
  }
  const absent = absentTask(evidence, seen);
  if (absent !== undefined) return absent;
  const running = seen.task?.running;
  if (running === undefined) {
    return [wait(`${seen.name} does not run yet`, { kind: 'task', attempt })];
  }
  const { checkpoints } = running;
  if (checkpoints === undefined) return root('certain', `${seen.name} takes no checkpoints`);
  const asked = { evidence, seen, checkpoint };
  return (
    answered(asked, checkpoints) ?? storing(asked, checkpoints) ?? barriers(asked, checkpoints)
  );
}

function answered({ evidence, seen, checkpoint }: Asked, status: TaskCheckpointsStatus) {
  const { lastAnswer, snapshots } = status;
  const isStored = !snapshots.some((one) => one.checkpoint === checkpoint);
  if (lastAnswer === undefined || lastAnswer.checkpoint < checkpoint || !isStored) return undefined;
  const { jobManager } = evidence.raw;
  const from = seen.subtask.host ?? '';
  const what = `checkpoint ${lastAnswer.checkpoint}`;
  const text = `${seen.name} has ${lastAnswer.kind} ${what} ${ms(lastAnswer.forMs)} ago`;
  if (isUnderWay(evidence, from, jobManager)) {
    return [wait(text, { kind: 'link', from, to: jobManager })];
  }
  const lost = `${jobManager} has not heard of it, and nothing is under way: it got lost`;
  return root('certain', `${text}; ${lost}`);
}

function storing({ seen, checkpoint, evidence }: Asked, status: TaskCheckpointsStatus) {
  const storingNow = status.snapshots.find((one) => one.checkpoint === checkpoint);
  if (storingNow === undefined) {
    if ((status.newest ?? 0) < checkpoint || status.alignment?.checkpoint === checkpoint) {
      return undefined;
    }
    const text = `${seen.name} has passed barrier ${checkpoint} on and stored its snapshot`;
    return root('certain', `${text}, and has never answered`);
  }
  const { missing, forMs } = storingNow;
  if (missing.includes(BARRIERS) && status.alignment?.checkpoint === checkpoint) {
    return barriers({ evidence, seen, checkpoint }, status);
  }
  const parts = missing.length === 0 ? 'nothing' : missing.map(named(seen)).join(' and ');
  const text = `${seen.name} has been storing its snapshot for ${ms(forMs)}; missing: ${parts}`;
  return [wait(text, { kind: 'io', host: seen.subtask.host ?? '' })];
}

/** Operators by their names, not by their ids. */
function named({ subtask }: SeenTask): (part: string) => string {
  return (part) => {
    const operator = subtask.operators.find(({ id }) => part.endsWith(id));
    return operator === undefined ? part : part.replace(operator.id, `"${operator.name}"`);
  };
}

const BARRIERS = 'barriers of other channels';

function barriers(
  { evidence, seen, checkpoint }: Asked,
  { alignment, held }: TaskCheckpointsStatus,
): readonly Wait[] {
  const inputs = inputsOf(seen).filter(({ input }) => !input.hasEnded);
  if (held.some((one) => one >= checkpoint)) {
    const first = `was asked for checkpoint ${checkpoint}, and first waits for its inputs to end`;
    return inputs.map((ref) => wait(`${seen.name} ${first}`, partyOf(ref, undefined)));
  }
  if (alignment !== undefined && alignment.checkpoint === checkpoint) {
    const missing = inputsOf(seen).filter((_, index) => alignment.missing.includes(index));
    if (missing.length === 0) {
      return root('certain', `${seen.name} has all barriers ${checkpoint}, and waits for more`);
    }
    return missing.map((ref) => {
      const from = evidence.nameOf(ref.input.producer.attempt);
      const text = `${seen.name} aligns: barrier ${checkpoint} is missing from ${from}`;
      return wait(text, partyOf(ref, checkpoint));
    });
  }
  if (seen.task?.isFetching === true) {
    const text = `${seen.name} fetches state, and its mails wait`;
    return [wait(text, { kind: 'io', host: seen.subtask.host ?? '' })];
  }
  const fed = inputs.filter(({ input }) => isAlive(evidence, input.producer.attempt));
  if (fed.length === 0) return notTriggered({ evidence, seen, checkpoint });
  return fed.map((ref) => {
    const text = `${seen.name} has seen no barrier ${checkpoint}`;
    return wait(text, partyOf(ref, checkpoint));
  });
}

function notTriggered({ evidence, seen, checkpoint }: Asked): readonly Wait[] {
  const { jobManager } = evidence.raw;
  const to = seen.subtask.host ?? '';
  const text = `${seen.name} was not asked for checkpoint ${checkpoint}`;
  if (isUnderWay(evidence, jobManager, to)) {
    return [wait(text, { kind: 'link', from: jobManager, to })];
  }
  return root('certain', `${text}, and nothing is under way: its trigger got lost`);
}

function isAlive(evidence: Evidence, attempt: string): boolean {
  return evidence.task(attempt)?.subtask.state !== 'finished';
}

function partyOf({ input, attempt }: InputRef, barrier: number | undefined) {
  const { edge, producer } = input;
  return {
    kind: 'channel',
    edge,
    producer: producer.attempt,
    consumer: attempt,
    barrier,
  } as const;
}
