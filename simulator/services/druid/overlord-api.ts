// The Overlord's part of the HTTP API: takes tasks in, once for each id, and tells how they are.

import type { Clock } from '../../../engine/environment/clock.ts';
import type { HttpResponse } from '../../../engine/environment/http-client.ts';
import { badSpecification, druidException, jsonAnswer, textAnswer } from './druid-answers.ts';
import { ingestionOf } from './ingestion.ts';
import type { Journal } from './journal.ts';
import { parseJson, textAt } from './json.ts';
import type { KnownTask, MetadataStore } from './metadata-store.ts';
import type { DruidRecord, Task } from './records.ts';
import type { DruidCall } from './druid-call.ts';
import type { TaskRunner } from './task-runner.ts';

export interface OverlordApiOptions {
  readonly store: MetadataStore;
  readonly journal: Journal;
  readonly apply: (record: DruidRecord) => void;
  readonly runner: TaskRunner;
  readonly clock: Clock;
}

export class OverlordApi {
  readonly #options: OverlordApiOptions;

  constructor(options: OverlordApiOptions) {
    this.#options = options;
  }

  resume(): Promise<void> {
    return this.#options.runner.resume();
  }

  /** Undefined: no such path. */
  async handle(call: DruidCall): Promise<HttpResponse | undefined> {
    const { method, path } = call;
    const [what, id, question] = path;
    if (what === 'tasks' && method === 'GET') return this.#list(call);
    if (what !== 'task') return undefined;
    if (id === undefined) return method === 'POST' ? this.#submit(call.body) : undefined;
    const known = this.#options.store.task(id);
    if (method === 'POST' && question === 'shutdown') {
      await this.#options.runner.shutDown(id);
      return jsonAnswer({ task: id });
    }
    if (method !== 'GET') return undefined;
    if (known === undefined) return textAnswer(404, `Cannot find any task with id: [${id}]`);
    if (question === undefined) {
      return jsonAnswer({ task: id, payload: parseJson(known.task.payload) });
    }
    if (question === 'status') return jsonAnswer({ task: id, status: this.#statusOf(known) });
    return question === 'reports' ? reportOf(known) : undefined;
  }

  /** Also for tasks of the server's own. */
  async accept(task: Task): Promise<'accepted' | 'exists'> {
    const { store, journal, apply, runner } = this.#options;
    const decide = (): DruidRecord | undefined =>
      store.task(task.id) === undefined ? { kind: 'submitted', task } : undefined;
    if ((await journal.change(decide, apply)) === undefined) return 'exists';
    runner.accepted(task);
    return 'accepted';
  }

  async #submit(body: string): Promise<HttpResponse> {
    const payload = parseJson(body);
    const [id, type] = [textAt(payload, 'id'), textAt(payload, 'type')];
    if (id === undefined || type !== 'index_parallel') {
      return badSpecification(`Could not resolve type id '${type}' as a subtype of Task`);
    }
    const ingestion = ingestionOf(payload);
    if (typeof ingestion === 'string') return badSpecification(ingestion);
    const { datasource } = ingestion;
    const createdMs = this.#options.clock.wallTime();
    const answer = await this.accept({ id, type, datasource, payload: body, createdMs });
    if (answer === 'accepted') return jsonAnswer({ task: id });
    return druidException('entryAlreadyExists', `Task[${id}] already exists`);
  }

  #list({ query }: DruidCall): HttpResponse {
    const [state, datasource] = [query.get('state'), query.get('datasource')];
    const found = this.#options.store.tasks().filter(({ task, end }) => {
      const phase = end === undefined ? this.#phaseOf(task.id) : 'complete';
      const isWanted = datasource === undefined || task.datasource === datasource;
      return isWanted && (state === undefined || state === phase);
    });
    return jsonAnswer(found.map((known) => this.#statusOf(known)));
  }

  #statusOf({ task, end }: KnownTask): object {
    const status = end === undefined ? 'RUNNING' : end.state === 'success' ? 'SUCCESS' : 'FAILED';
    const runnerStatusCode = end === undefined ? this.#phaseOf(task.id).toUpperCase() : 'NONE';
    const { id, type, datasource: dataSource } = task;
    const errorMsg = end?.message ?? null;
    return { id, type, statusCode: status, status, runnerStatusCode, dataSource, errorMsg };
  }

  #phaseOf(id: string): string {
    return this.#options.runner.phaseOf(id) ?? 'running';
  }
}

function reportOf({ task, end }: KnownTask): HttpResponse {
  if (end?.processed === undefined) {
    return textAnswer(404, 'No task reports were found for this task.');
  }
  const { processed } = end;
  const buildSegments = { processed, processedWithError: 0, thrownAway: 0, unparseable: 0 };
  const payload = { ingestionState: 'COMPLETED', errorMsg: null, rowStats: { buildSegments } };
  const type = 'ingestionStatsAndErrors';
  return jsonAnswer({ ingestionStatsAndErrors: { type, taskId: task.id, payload } });
}
