// Why a channel brings no barrier, no data and no end: the producer has no credit, has sent what
// never arrived, or has nothing to send itself.

import type { InputStatus, OutputStatus } from '../../engine/runtime/status.ts';
import type { Evidence, SeenTask } from './evidence.ts';
import { isUnderWay } from './host-waits.ts';
import { ms } from './milliseconds.ts';
import { type Party, root, type Wait, wait } from './wait.ts';

type Channel = Extract<Party, { readonly kind: 'channel' }>;

interface Ends {
  readonly channel: Channel;
  readonly producer: SeenTask;
  readonly consumer: SeenTask;
  readonly input: InputStatus;
  readonly output: OutputStatus;
}

/** Credit that a consumer may hold back before it has to return it. */
const OWED_MAX = 1;

export function channelWaits(evidence: Evidence, channel: Channel): readonly Wait[] {
  const producer = evidence.task(channel.producer);
  const consumer = evidence.task(channel.consumer);
  const input = inputOf(consumer, channel);
  const output = outputOf(producer, channel);
  const name = evidence.nameOf(channel.producer);
  if (producer === undefined || consumer === undefined || input === undefined) {
    return root('certain', `${name} and ${evidence.nameOf(channel.consumer)} do not fit together`);
  }
  if (output === undefined) {
    if (!isOver(producer)) return [wait(`${name} is not there`, taskOf(producer))];
    const missing = `its last messages to ${consumer.name} did not arrive`;
    return root('certain', `${name} is ${producer.subtask.state}, and ${missing}`);
  }
  return waitsOf(evidence, { channel, producer, consumer, input, output });
}

function waitsOf(evidence: Evidence, ends: Ends): readonly Wait[] {
  const { producer, consumer, input, output } = ends;
  if (!output.isOpen || !input.isOpen) return notOpen(evidence, ends);
  if (input.queued > 0) return fullInput(ends);
  if (output.sent > input.received) {
    const count = output.sent - input.received;
    return lost(evidence, ends, `${count} elements from ${producer.name} to ${consumer.name}`);
  }
  if (output.queued > 0) return noCredit(evidence, ends);
  return nothingSent(ends);
}

function notOpen(evidence: Evidence, ends: Ends): readonly Wait[] {
  const { producer, consumer } = ends;
  const text = `the channel from ${producer.name} to ${consumer.name} is not open`;
  for (const task of [producer, consumer]) {
    if (task.task?.running === undefined) {
      return [wait(`${text}: ${task.name} does not run yet`, taskOf(task))];
    }
  }
  const hosts = hostsOf(ends);
  if (hosts.from !== hosts.to && isUnderWay(evidence, hosts.to, hosts.from)) {
    return [wait(text, { kind: 'link', from: hosts.to, to: hosts.from })];
  }
  return root('likely', `${text}: asked for it, ${producer.name} has not answered`);
}

/** What was sent is there and has to be taken. */
function fullInput({ channel, producer, consumer, input }: Ends): readonly Wait[] {
  const queued = `${input.queued} elements from ${producer.name} wait in ${consumer.name}`;
  if (!input.isBlocked) return [wait(queued, taskOf(consumer))];
  const alignment = consumer.task?.running?.checkpoints?.alignment;
  const text = `${consumer.name} holds back its channel from ${producer.name}`;
  if (alignment === undefined) {
    return root('certain', `${text}, though it is aligning for no checkpoint`);
  }
  const { checkpoint } = alignment;
  const { consumer: attempt } = channel;
  const why = `${text} until all barriers of checkpoint ${checkpoint} are in`;
  return [wait(why, { kind: 'snapshot', checkpoint, attempt })];
}

function lost(evidence: Evidence, ends: Ends, what: string): readonly Wait[] {
  const { from, to } = hostsOf(ends);
  if (isUnderWay(evidence, from, to)) {
    return [wait(`${what} are under way`, { kind: 'link', from, to })];
  }
  return root('certain', `${what} were sent and never arrived, and nothing is under way`);
}

function noCredit(evidence: Evidence, ends: Ends): readonly Wait[] {
  const { producer, consumer, input, output } = ends;
  const waiting = `${output.queued} elements of ${producer.name} wait for ${consumer.name}`;
  if (output.credit > 0) {
    return root('certain', `${waiting}; it has credit for ${output.credit} and sends nothing`);
  }
  const { from, to } = hostsOf(ends);
  if (isUnderWay(evidence, to, from)) {
    return [wait(`${waiting} to grant credit`, { kind: 'link', from: to, to: from })];
  }
  const taken = `${consumer.name} has processed all ${input.received} that it got`;
  if (input.owedCredit > OWED_MAX) {
    const owed = `credit for ${input.owedCredit}`;
    return root('certain', `${waiting} to grant credit: ${taken}, and keeps ${owed} back`);
  }
  return root('certain', `${waiting} to grant credit: ${taken}, and the credit got lost`);
}

function nothingSent({ channel, producer, consumer }: Ends): readonly Wait[] {
  const { barrier } = channel;
  if (barrier === undefined) {
    return [wait(`${producer.name} has sent nothing more to ${consumer.name}`, taskOf(producer))];
  }
  const checkpoints = producer.task?.running?.checkpoints;
  if ((checkpoints?.newest ?? 0) >= barrier) {
    const last = checkpoints?.lastAnswer;
    const answer = last === undefined ? '' : `, ${last.kind} ${last.checkpoint}`;
    const when = last === undefined ? '' : ` ${ms(last.forMs)} ago`;
    const text = `${producer.name} has passed barrier ${barrier} on${answer}${when}`;
    return root('certain', `${text}; the channel to ${consumer.name} is empty: it got lost there`);
  }
  const text = `${producer.name} has not passed barrier ${barrier} on`;
  return [wait(text, { kind: 'snapshot', checkpoint: barrier, attempt: channel.producer })];
}

function isOver({ subtask }: SeenTask): boolean {
  return ['finished', 'canceled', 'failed'].includes(subtask.state);
}

function taskOf({ subtask }: SeenTask): Party {
  return { kind: 'task', attempt: subtask.attempt ?? '' };
}

function hostsOf({ producer, consumer }: Ends): { readonly from: string; readonly to: string } {
  return { from: producer.subtask.host ?? '', to: consumer.subtask.host ?? '' };
}

function inputOf(consumer: SeenTask | undefined, channel: Channel): InputStatus | undefined {
  return consumer?.task?.inputs.find(
    ({ edge, producer }) => edge === channel.edge && producer.attempt === channel.producer,
  );
}

function outputOf(producer: SeenTask | undefined, channel: Channel): OutputStatus | undefined {
  return producer?.task?.outputs.find(
    ({ edge, consumer }) => edge === channel.edge && consumer.attempt === channel.consumer,
  );
}
