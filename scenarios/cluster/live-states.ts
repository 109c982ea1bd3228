// The keyed states of the tasks that run, for whoever looks at a run from outside, between two of
// its steps. It only looks: tasks work with the very backend that they would have had.

import type { Address } from '../../engine/environment/network.ts';
import type { LogicalEntry } from '../../engine/state/logical-digest.ts';
import type {
  KeyedStateBackend,
  KeyedStateBackendOptions,
  StateBackend,
} from '../../engine/state/state-backend.ts';
import type { World } from '../../simulator/index.ts';
import { noting } from './noting.ts';

/** The states of one subtask of an operator. */
export interface LiveState {
  readonly operator: string;
  readonly host: Address;
  /** Key groups, the last one included. */
  readonly from: number;
  readonly to: number;
  readonly entries: readonly LogicalEntry[];
}

interface Opened {
  readonly options: KeyedStateBackendOptions;
  readonly host: Address;
  readonly boot: number;
  readonly backend: KeyedStateBackend;
}

export class LiveStates {
  readonly #world: World;
  /** The last one that was opened of each operator, range and host. */
  readonly #opened = new Map<string, Opened>();

  constructor(world: World) {
    this.#world = world;
  }

  /** The backend as the process has it that runs on `host` now. */
  watch(backend: StateBackend, host: Address): StateBackend {
    const boot = this.#world.bootCountOf(host);
    return noting(backend, {
      createKeyedStateBackend: (options) => {
        const made = backend.createKeyedStateBackend(options);
        // The task gets the promise itself: one of ours would come later.
        void made.then(
          (opened) => this.#keep({ options, host, boot, backend: opened }),
          () => undefined,
        );
        return made;
      },
    });
  }

  /** Of processes that are alive; by operator, then by key groups. */
  read(): readonly LiveState[] {
    const alive = [...this.#opened.values()].filter(
      ({ host, boot }) =>
        this.#world.stateOf(host) !== 'down' && this.#world.bootCountOf(host) === boot,
    );
    return this.#world
      .unguarded(() => alive.map(stateOf))
      .sort((left, right) => compare(left.operator, right.operator) || left.from - right.from);
  }

  #keep(opened: Opened): void {
    const { operatorName, range } = opened.options;
    this.#opened.set(`${opened.host} ${range.first}-${range.last} ${operatorName}`, opened);
  }
}

function stateOf({ options, host, backend }: Opened): LiveState {
  const entries: LogicalEntry[] = [];
  backend.logicalDigest((entry) => entries.push(entry));
  const { operatorName: operator, range } = options;
  return { operator, host, from: range.first, to: range.last, entries };
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
