// A Druid cluster behind one router, on one host and its disk: tasks, locks and slots, segments
// that are published in one step and can be queried later, newer versions over older ones, marking
// and killing, a small part of SQL. What it has said yes to survives its crashes. Answers where it
// is weaker than the real one are 400. Does not model: streams, compaction, load rules, tiers,
// users.

import type { Environment } from '../../../engine/environment/environment.ts';
import type { HttpRequest, HttpResponse } from '../../../engine/environment/http-client.ts';
import type { HttpErrorAnswer, HttpService } from '../http-service.ts';
import { BrokerView, type MsRange } from './broker-view.ts';
import { answerQuery, type Queried } from './broker-api.ts';
import { CoordinatorApi } from './coordinator-api.ts';
import { jsonAnswer, textAnswer } from './druid-answers.ts';
import { callOf, type DruidCall } from './druid-call.ts';
import { Journal } from './journal.ts';
import { MetadataStore } from './metadata-store.ts';
import { OverlordApi } from './overlord-api.ts';
import type { DruidRecord } from './records.ts';
import type { RowDamage } from './row-damage.ts';
import { TaskRunner } from './task-runner.ts';

export interface SimulatedDruidOptions {
  /** Tasks at the same time. Default 4. */
  readonly slots?: number;
  /** How long a task works. Default 50 to 500. */
  readonly work?: MsRange;
  /**
   * From publication until queries see it, and from its end until they do not. Default 100 to
   * 2,000.
   */
  readonly lag?: MsRange;
  /** One task in so many fails, half of them after they have published. Default 0: none. */
  readonly failOneIn?: number;
  /** To what queries see. */
  readonly damage?: RowDamage;
}

const REFUSALS: Readonly<Record<HttpErrorAnswer, () => HttpResponse>> = {
  unavailable: () => textAnswer(503, ''),
  throttled: () => jsonAnswer({ error: 'Too many tasks are in the queue' }, 429),
  'server-error': () => jsonAnswer({ error: 'Unknown exception' }, 500),
};

export class SimulatedDruid implements HttpService {
  readonly #queried: Queried;
  readonly #overlord: OverlordApi;
  readonly #coordinator: CoordinatorApi;

  /** Reads what earlier lives have left on the host's disk, and goes on with it. */
  static async open(
    environment: Environment,
    options: SimulatedDruidOptions = {},
  ): Promise<SimulatedDruid> {
    const journal = new Journal(environment.filesystem);
    const records = await journal.load();
    const druid = new SimulatedDruid(environment, journal, { options, records });
    await druid.#overlord.resume();
    return druid;
  }

  private constructor(
    environment: Environment,
    journal: Journal,
    from: { readonly options: SimulatedDruidOptions; readonly records: readonly DruidRecord[] },
  ) {
    const { options, records } = from;
    const { clock, random } = environment;
    const store = new MetadataStore();
    for (const record of records) store.apply(record);
    const view = new BrokerView({
      clock,
      random,
      lag: options.lag ?? { minMs: 100, maxMs: 2_000 },
    });
    for (const datasource of store.datasources()) view.published(store.used(datasource));
    const apply = (record: DruidRecord): void => {
      store.apply(record);
      if (record.kind === 'published') view.published(record.segments);
      if (record.kind === 'unused') view.unused(record.segments);
    };
    const runner = new TaskRunner({
      environment,
      store,
      journal,
      apply,
      slots: options.slots ?? 4,
      work: options.work ?? { minMs: 50, maxMs: 500 },
      failOneIn: options.failOneIn ?? 0,
    });
    this.#queried = { view, store, damage: options.damage };
    this.#overlord = new OverlordApi({ store, journal, apply, runner, clock });
    this.#coordinator = new CoordinatorApi({ store, journal, apply, overlord: this.#overlord });
  }

  async handle(request: HttpRequest): Promise<HttpResponse> {
    const call = callOf(request);
    const [druid, part, ...path] = call.path;
    if (druid !== 'druid') return textAnswer(404, 'Not found');
    const inner = { ...call, path: path.slice(1) };
    const answer =
      part === 'indexer'
        ? await this.#indexer(inner)
        : part === 'coordinator'
          ? await this.#coordinator.handle(inner)
          : part === 'v2' && path[0] === 'sql'
            ? answerQuery(call.body, this.#queried)
            : undefined;
    return answer ?? textAnswer(404, 'Not found');
  }

  refuse(answer: HttpErrorAnswer): HttpResponse {
    return REFUSALS[answer]();
  }

  /** The Overlord has the Coordinator's way to mark segments as well. */
  async #indexer(call: DruidCall): Promise<HttpResponse | undefined> {
    const isMarking = call.path[0] === 'datasources' && call.path[2] === 'markUnused';
    return isMarking ? this.#coordinator.handle(call) : this.#overlord.handle(call);
  }
}
