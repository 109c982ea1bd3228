// The Coordinator's part of the HTTP API: which segments count, and which shall not any more.

import type { HttpResponse } from '../../../engine/environment/http-client.ts';
import { jsonAnswer, textAnswer } from './druid-answers.ts';
import { type Interval, intervalText, parseInterval } from './intervals.ts';
import type { Journal } from './journal.ts';
import { listAt, parseJson, textAt } from './json.ts';
import type { MetadataStore } from './metadata-store.ts';
import type { OverlordApi } from './overlord-api.ts';
import type { DruidRecord, Segment } from './records.ts';
import type { DruidCall } from './druid-call.ts';

export interface CoordinatorApiOptions {
  readonly store: MetadataStore;
  readonly journal: Journal;
  readonly apply: (record: DruidRecord) => void;
  readonly overlord: OverlordApi;
}

export class CoordinatorApi {
  readonly #options: CoordinatorApiOptions;
  #kills = 0;

  constructor(options: CoordinatorApiOptions) {
    this.#options = options;
  }

  /** Undefined: no such path. */
  async handle({ method, path, query, body }: DruidCall): Promise<HttpResponse | undefined> {
    const isMetadata = path[0] === 'metadata';
    const [what, datasource = '', question, interval = ''] = isMetadata ? path.slice(1) : path;
    if (what !== 'datasources') return undefined;
    if (isMetadata) {
      const isList = method === 'POST' && question === 'segments' && query.has('full');
      return isList ? this.#list(datasource, body) : undefined;
    }
    if (method === 'POST' && question === 'markUnused') return this.#markUnused(datasource, body);
    const isKill = method === 'DELETE' && question === 'intervals';
    return isKill ? this.#kill(datasource, parseInterval(interval)) : undefined;
  }

  #list(datasource: string, body: string): HttpResponse {
    const intervals = listAt(parseJson(body)).map((text) => parseInterval(String(text)));
    const found = intervals.flatMap((interval) =>
      interval === undefined ? [] : this.#options.store.used(datasource, interval),
    );
    return jsonAnswer(found.map(describe));
  }

  async #markUnused(datasource: string, body: string): Promise<HttpResponse> {
    const interval = parseInterval(textAt(parseJson(body), 'interval') ?? '');
    if (interval === undefined) return jsonAnswer({ error: 'Invalid request payload' }, 400);
    const { store, journal, apply } = this.#options;
    const changed = await journal.change(() => {
      const segments = store.inside(datasource, interval, true).map(({ id }) => id);
      return segments.length === 0 ? undefined : { kind: 'unused', segments };
    }, apply);
    const numChangedSegments = changed?.kind === 'unused' ? changed.segments.length : 0;
    return jsonAnswer({ numChangedSegments, segmentStateChanged: numChangedSegments > 0 });
  }

  async #kill(datasource: string, interval: Interval | undefined): Promise<HttpResponse> {
    if (interval === undefined) return jsonAnswer({ error: 'Invalid interval' }, 400);
    const { store, overlord } = this.#options;
    for (let isNew = false; !isNew; ) {
      const id = `coordinator-issued_kill_${datasource}_${store.tasks().length}_${this.#kills++}`;
      const payload = JSON.stringify({ type: 'kill', id, interval: intervalText(interval) });
      const task = { id, type: 'kill', datasource, payload, createdMs: 0 };
      isNew = (await overlord.accept(task)) === 'accepted';
    }
    return textAnswer(200, '');
  }
}

function describe({ id, datasource, interval, version, partition, rows }: Segment): object {
  return {
    dataSource: datasource,
    interval: intervalText(interval),
    version,
    shardSpec: { type: 'numbered', partitionNum: partition, partitions: 1 },
    size: rows.length,
    identifier: id,
  };
}
