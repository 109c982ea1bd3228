// Druid's HTTP API, as far as checkpoints need it: tasks of the Overlord, segments of the
// Coordinator, rows of the Broker. One method, one question; it decides nothing. All of them may be
// asked again. FileSystemError EIO or EACCES: Druid did not answer. OP-E560: it said no.

import { type DruidAnswer, DruidHttp } from './druid-http.ts';
import type { Environment } from '../../environment/environment.ts';
import { type DruidSettings, refused, unreachable } from './druid-options.ts';
import { fieldOf, listOf, numberOf, textOf } from './json-fields.ts';
import type { TaskSpec } from './task-specs.ts';
import { ALL_CHUNKS } from './time-chunks.ts';

export type TaskStatus =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'active' }
  | { readonly kind: 'success' }
  | { readonly kind: 'failed'; readonly message: string };

export interface UsedSegment {
  readonly interval: string;
  readonly version: string;
}

/** In this order a task goes through them, so that a list of each in turn misses none. */
const ACTIVE_STATES = ['waiting', 'pending', 'running'] as const;
const FIRST_POLL_MS = 100;
const LONGEST_POLL_MS = 2_000;

export class DruidClient {
  readonly http: DruidHttp;
  readonly settings: DruidSettings;

  constructor(environment: Environment, settings: DruidSettings) {
    this.http = new DruidHttp(environment, settings);
    this.settings = settings;
  }

  /** 'exists': this id was submitted before, by whomever, with whatever. */
  async submit({ id, body }: TaskSpec): Promise<'accepted' | 'exists'> {
    const url = this.#overlord('task');
    const operation = 'submit a task';
    const answer = await this.http.send({ method: 'POST', url, body, operation });
    if (answer.status === 200) return 'accepted';
    if (answer.status === 400 && isTaken(answer)) return 'exists';
    throw refused(operation, id, answer.text);
  }

  async statusOf(id: string): Promise<TaskStatus> {
    const url = this.#overlord(`task/${encodeURIComponent(id)}/status`);
    const answer = await this.http.send({ method: 'GET', url, operation: 'look at a task' });
    if (answer.status === 404) return { kind: 'unknown' };
    const status = fieldOf(expected(answer, 'look at a task', id), 'status');
    switch (textOf(fieldOf(status, 'statusCode') ?? fieldOf(status, 'status'))) {
      case 'SUCCESS':
        return { kind: 'success' };
      case 'FAILED':
        return {
          kind: 'failed',
          message: textOf(fieldOf(status, 'errorMsg')) ?? 'no reason given',
        };
      case 'RUNNING':
        return { kind: 'active' };
      default:
        throw refused('say how a task is', id, answer.text);
    }
  }

  /** Undefined where there is no such task, or one that is not ours. */
  async digestOf(id: string): Promise<string | undefined> {
    const url = this.#overlord(`task/${encodeURIComponent(id)}`);
    const answer = await this.http.send({ method: 'GET', url, operation: 'read a task' });
    if (answer.status === 404) return undefined;
    const payload = fieldOf(expected(answer, 'read a task', id), 'payload');
    return textOf(fieldOf(fieldOf(payload, 'context'), 'onceproofDigest'));
  }

  /** How it ended. EIO if it has not by then; 'unknown' if the Overlord does not know it. */
  async ended(id: string, timeoutMs: number): Promise<Exclude<TaskStatus, { kind: 'active' }>> {
    const deadlineMs = this.http.nowMs + timeoutMs;
    for (let waitMs = FIRST_POLL_MS; ; waitMs = Math.min(waitMs * 1.5, LONGEST_POLL_MS)) {
      const status = await this.statusOf(id);
      if (status.kind !== 'active') return status;
      if (this.http.nowMs >= deadlineMs) {
        throw unreachable('wait for the end of a task', id, `still active after ${timeoutMs} ms`);
      }
      await this.http.pause(Math.floor(waitMs));
    }
  }

  /** How many rows a task has taken in; undefined where Druid keeps no reports. */
  async rowsTakenBy(id: string): Promise<number | undefined> {
    const url = this.#overlord(`task/${encodeURIComponent(id)}/reports`);
    const answer = await this.http.send({ method: 'GET', url, operation: 'read a report' });
    if (answer.status !== 200) return undefined;
    const payload = fieldOf(fieldOf(answer.json, 'ingestionStatsAndErrors'), 'payload');
    const stats = fieldOf(fieldOf(payload, 'rowStats'), 'buildSegments');
    return numberOf(fieldOf(stats, 'processed'));
  }

  /** Ids of tasks that may still publish something. */
  async activeTasks(datasource: string): Promise<readonly string[]> {
    const ids = new Set<string>();
    for (const state of ACTIVE_STATES) {
      const query = `state=${state}&datasource=${encodeURIComponent(datasource)}`;
      const url = this.#overlord(`tasks?${query}`);
      const answer = await this.http.send({ method: 'GET', url, operation: 'list tasks' });
      for (const task of listOf(expected(answer, 'list tasks', datasource)) ?? []) {
        const id = textOf(fieldOf(task, 'id'));
        if (id !== undefined) ids.add(id);
      }
    }
    return [...ids];
  }

  async shutDown(id: string): Promise<void> {
    const url = this.#overlord(`task/${encodeURIComponent(id)}/shutdown`);
    await this.http.send({ method: 'POST', url, operation: 'stop a task' });
  }

  /**
   * Segments that count, whether they can be queried yet or not. Asks the metadata store itself,
   * not what some process has read of it lately.
   */
  async usedSegments(datasource: string, interval = ALL_CHUNKS): Promise<readonly UsedSegment[]> {
    const path = `metadata/datasources/${encodeURIComponent(datasource)}/segments?full`;
    const url = this.#coordinator(path);
    const body = JSON.stringify([interval]);
    const operation = 'list segments';
    const answer = await this.http.send({ method: 'POST', url, body, operation });
    if (answer.status === 404 || answer.status === 204) return [];
    return (listOf(expected(answer, operation, datasource)) ?? []).map((segment) => ({
      interval: textOf(fieldOf(segment, 'interval')) ?? '',
      version: textOf(fieldOf(segment, 'version')) ?? '',
    }));
  }

  /** Takes them out of view and out of count. They can be brought back until they are killed. */
  async markUnused(datasource: string, interval = ALL_CHUNKS): Promise<void> {
    const path = `datasources/${encodeURIComponent(datasource)}/markUnused`;
    const body = JSON.stringify({ interval });
    const operation = 'mark segments unused';
    // The Overlord's is the one to use since Druid 32; older ones have the Coordinator's alone.
    for (const url of [this.#overlord(path), this.#coordinator(path)]) {
      const answer = await this.http.send({ method: 'POST', url, body, operation });
      if (answer.status === 404 || answer.status === 405) continue;
      if (answer.status >= 300) throw refused(operation, datasource, answer.text);
      return;
    }
  }

  /** Deletes what is unused, for good and some time later. */
  async kill(datasource: string, interval: string): Promise<void> {
    const name = encodeURIComponent(datasource);
    const range = interval.replace('/', '_');
    const url = this.#coordinator(`datasources/${name}/intervals/${range}`);
    await this.http.send({ method: 'DELETE', url, operation: 'delete unused segments' });
  }

  /** Rows as arrays. Undefined where Druid's Brokers know no such table, yet or any more. */
  async query(sql: string): Promise<readonly unknown[] | undefined> {
    const url = `${this.settings.brokerUrl}/druid/v2/sql`;
    const body = JSON.stringify({ query: sql, resultFormat: 'array' });
    const answer = await this.http.send({ method: 'POST', url, body, operation: 'query' });
    const rows = answer.status === 200 ? listOf(answer.json) : undefined;
    if (rows !== undefined) return rows;
    // Druid ends an answer early when it fails in the middle of it.
    if (answer.status === 200) throw unreachable('query', url, 'the answer is cut off');
    if (/Object '.*' not found/s.test(answer.text)) return undefined;
    throw refused('query', sql, answer.text);
  }

  #overlord(path: string): string {
    return `${this.settings.overlordUrl}/druid/indexer/v1/${path}`;
  }

  #coordinator(path: string): string {
    return `${this.settings.coordinatorUrl}/druid/coordinator/v1/${path}`;
  }
}

/** In one word since Druid 27, in a sentence before. */
function isTaken({ text }: DruidAnswer): boolean {
  return /entryAlreadyExists|already exists/i.test(text);
}

function expected(answer: DruidAnswer, operation: string, place: string): unknown {
  if (answer.status === 200 && answer.json !== undefined) return answer.json;
  throw refused(operation, place, answer.text);
}
