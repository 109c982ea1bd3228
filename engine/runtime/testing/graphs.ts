// Job graphs for tests of the runtime: what matters here is their shape, not what they compute.

import { StreamExecutionEnvironment } from '../../api/stream-execution-environment.ts';
import { CallbackSink } from '../../connector/callback-sink.ts';
import { type Address, address } from '../../environment/network.ts';
import type { JobGraph } from '../../graph/job-graph.ts';
import type { RegisteredTaskManager } from '../job/slot-pool.ts';

export interface GraphOptions {
  readonly parallelism?: number;
  /** 'keyed': all subtasks are one region; 'forward': each subtask index is one. */
  readonly shape?: 'keyed' | 'forward';
  readonly configure?: (env: StreamExecutionEnvironment) => void;
  /** The second vertex has keyed state. */
  readonly isKeyed?: boolean;
}

/** Two vertices: a source, and what it feeds. */
export function twoVertices(options: GraphOptions = {}): JobGraph {
  const { parallelism = 2, shape = 'keyed', configure, isKeyed = false } = options;
  const env = StreamExecutionEnvironment.create({ parallelism });
  configure?.(env);
  const source = env.fromCollection([1, 2, 3, 4], { name: 'numbers' }).uid('numbers');
  const sink = new CallbackSink<number>({ write: () => {} });
  if (isKeyed) {
    source
      .keyBy((value) => value)
      .reduce((left, right) => left + right)
      .sinkTo(sink);
    return env.getJobGraph('test');
  }
  const input = shape === 'keyed' ? source.rebalance() : source.forward();
  input
    .map((value) => value)
    .uid('map')
    .startNewChain()
    .sinkTo(sink);
  return env.getJobGraph('test');
}

export function taskManager(
  name: string,
  options: { readonly slots?: number; readonly instance?: number; readonly number?: number } = {},
): RegisteredTaskManager {
  const { slots = 2, instance = 1, number = 1 } = options;
  const host: Address = address(name);
  return { host, slots, session: { instance, number }, lastHeartbeatMs: 0 };
}
