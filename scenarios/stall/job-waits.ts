// Why a job is not over: who of the scheduler's tasks is missing, and for what; and who gives a
// source its splits.

import type { JobStatus } from '../../engine/runtime/status.ts';
import { type Evidence, nameOf } from './evidence.ts';
import { downOrPaused, isUnderWay } from './host-waits.ts';
import { ms } from './milliseconds.ts';
import { root, type Wait, wait } from './wait.ts';

const ENDED: ReadonlySet<string> = new Set(['created', 'finished', 'canceled', 'failed']);

export function jobWaits(evidence: Evidence): readonly Wait[] {
  const { leader, jobManager } = evidence.raw;
  const problem = downOrPaused(evidence, jobManager);
  if (problem !== undefined) return problem;
  if (leader?.job === undefined) {
    return [wait(`${jobManager} recovers the job`, { kind: 'io', host: jobManager })];
  }
  const { job } = leader;
  if (job.ending !== undefined) {
    const text = `all tasks of the job have ended, and ${job.ending}`;
    return [wait(text, { kind: 'io', host: jobManager })];
  }
  if (job.scheduler.goal !== 'run') {
    return unfinished(
      evidence,
      job,
      `the job is to ${job.scheduler.goal}, and waits for the end of`,
    );
  }
  if (job.scheduler.toStart > 0) return starting(evidence, job);
  const stopping = job.checkpoints?.pending.filter(({ stops }) => stops) ?? [];
  if (stopping.length > 0) {
    return stopping.map(({ checkpoint }) => {
      const text = `the job waits for checkpoint ${checkpoint}, the savepoint that stops it`;
      return wait(text, { kind: 'checkpoint', checkpoint });
    });
  }
  return unfinished(evidence, job, 'the job waits for');
}

function unfinished(evidence: Evidence, job: JobStatus, text: string): readonly Wait[] {
  const left = job.subtasks.filter(({ state }) => !ENDED.has(state));
  if (left.length === 0) {
    const states = [...new Set(job.subtasks.map(({ state }) => state))].join(' and ');
    return root('certain', `all tasks of the job are ${states}, and nothing follows from it`);
  }
  const settling = job.checkpoints?.pending.find(({ phase }) => phase === 'unsettled');
  const isDeploying = left.some(({ state }) => state === 'deploying');
  if (settling !== undefined && isDeploying) {
    const { checkpoint } = settling;
    const why = 'tasks are deployed once it is known which checkpoint is the newest';
    return [wait(why, { kind: 'checkpoint', checkpoint })];
  }
  return left.map(({ attempt = '', state }) => {
    const name = evidence.nameOf(attempt);
    return wait(`${text} ${name}, which is ${state}`, { kind: 'task', attempt });
  });
}

function starting(evidence: Evidence, job: JobStatus): readonly Wait[] {
  const { scheduler, subtasks } = job;
  const ending = subtasks.filter(({ state }) => state === 'canceling');
  if (ending.length > 0) {
    return ending.map(({ attempt = '' }) => {
      const name = evidence.nameOf(attempt);
      const text = `the job is to be restarted, and waits for the end of ${name}`;
      return wait(text, { kind: 'task', attempt });
    });
  }
  if (scheduler.waitMs > 0) {
    return root('open', `the job is to be restarted in ${ms(scheduler.waitMs)}`);
  }
  const { slotsNeeded, slotsOffered, slotsMissingForMs = 0 } = scheduler;
  const text = `the job needs ${slotsNeeded} slots, and has ${slotsOffered}`;
  const { leader, jobManager } = evidence.raw;
  const absent = evidence.raw.hosts.filter(
    ({ host }) => host !== jobManager && leader?.taskManagers.includes(host) === false,
  );
  if (absent.length === 0) return root('certain', `${text}; no TaskManager is missing`);
  return absent.map(({ host }) =>
    wait(`${text}, for ${ms(slotsMissingForMs)}: ${host} is missing`, { kind: 'host', host }),
  );
}

/** Of a reader that has no split to read. */
export function splitsWaits(evidence: Evidence, attempt: string): readonly Wait[] {
  const { jobManager, leader } = evidence.raw;
  const seen = evidence.task(attempt);
  const sources = leader?.job?.sources ?? [];
  const source = sources.find(({ registered }) => registered.some((one) => one === attempt));
  const name = seen === undefined ? attempt : nameOf(seen.subtask);
  if (source === undefined) {
    const from = seen?.subtask.host ?? '';
    const text = `the reader of ${name} is not registered with ${jobManager}`;
    if (isUnderWay(evidence, from, jobManager)) {
      return [wait(text, { kind: 'link', from, to: jobManager })];
    }
    return root('certain', `${text}, and nothing is under way: its registration got lost`);
  }
  const [label] = source.pending;
  if (label !== undefined) {
    const text = `the enumerator of "${source.name}" waits for its I/O "${label}"`;
    return [wait(text, { kind: 'io', host: jobManager })];
  }
  const { host } = seen?.subtask ?? {};
  if (host !== undefined && isUnderWay(evidence, jobManager, host)) {
    const text = `what the enumerator of "${source.name}" said is under way`;
    return [wait(text, { kind: 'link', from: jobManager, to: host })];
  }
  return root('likely', `the enumerator of "${source.name}" gives it no split and no end`);
}
