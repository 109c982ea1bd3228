// Builds a plan's job through the public API, the same at every call: each attempt of each task
// builds it anew.

import type { DataStream } from '../../engine/api/data-stream.ts';
import { assert, InvariantViolation } from '../../engine/core/assert.ts';
import { OutputTag } from '../../engine/operator/output-tag.ts';
import { WatermarkStrategy } from '../../engine/operator/watermark/watermark-strategy.ts';
import type { Sink } from '../../engine/connector/sink.ts';
import type { GeneratedOutput } from './interpret.ts';
import { delayed, joined, KEEPING, keyOf, ruled } from './keyed-functions.ts';
import { isWindow } from './node-kinds.ts';
import { isSettled, type Item, type JobPlan, type PlanNode } from './plan.ts';
import { type GeneratedRecord, limited, RULES, TIMES } from './rules.ts';
import { settledWindows, windowed, withoutWindow } from './windowed.ts';

export interface PlanTools {
  readonly source: (splits?: number) => DataStream<GeneratedRecord>;
  /** One for each prefix of file names. */
  readonly sink: (prefix: string) => Sink<GeneratedOutput>;
}

type Stream = DataStream<Item>;

const LATE_MS = 2 * TIMES.stepMs;
const WATERMARK_INTERVAL_MS = 20;

export function buildJob(plan: JobPlan, tools: PlanTools): void {
  const streams: Stream[] = [];
  for (const [index, node] of plan.nodes.entries()) {
    const stream =
      node.kind === 'source'
        ? sourceOf(node, index, tools)
        : withSettings(streamOf(node, streams, index), node, `${node.kind}-${index}`);
    streams.push(stream);
  }
  for (const sink of plan.sinks) {
    const stream = streams[sink];
    if (stream === undefined) continue;
    stream
      .map((item): GeneratedOutput => ({ sink, ...item }))
      .uid(`result-${sink}`)
      .sinkTo(tools.sink(`part-${sink}`))
      .uid(`sink-${sink}`);
  }
}

function sourceOf(node: PlanNode, index: number, { source }: PlanTools): Stream {
  const { variant, parallelism, isLate } = node;
  const lagMs = RULES.lagOf(variant);
  const read = source(parallelism).uid(`source-${index}`);
  if (parallelism !== undefined) read.setParallelism(parallelism);
  const timed = read
    .assignTimestampsAndWatermarks(
      watermarks<GeneratedRecord>(({ at }) => at - lagMs, boundOf(parallelism, isLate)),
    )
    .uid(`times-${index}`);
  if (parallelism !== undefined) timed.setParallelism(parallelism);
  const items = timed
    .map(({ key, n }): Item => ({ key, n: limited(n + variant) }))
    .uid(`items-${index}`);
  if (parallelism !== undefined) items.setParallelism(parallelism);
  return items;
}

/** Undefined: no watermark but the last. */
function boundOf(parallelism: number | undefined, isLate: boolean): number | undefined {
  if (isLate) return LATE_MS;
  return parallelism === 1 ? TIMES.disorderMs : undefined;
}

function watermarks<T>(
  timeOfRecord: (record: T) => number,
  boundMs: number | undefined,
): WatermarkStrategy<T> {
  const strategy =
    boundMs === undefined
      ? WatermarkStrategy.forGenerator<T>(() => ({
          onEvent: () => undefined,
          onPeriodicEmit: () => undefined,
        }))
      : WatermarkStrategy.forBoundedOutOfOrderness<T>(boundMs);
  return strategy.withTimestampAssigner(timeOfRecord).withInterval(WATERMARK_INTERVAL_MS);
}

/** Of the operator that was added last: what comes before it keeps the job's settings. */
function withSettings(stream: Stream, node: PlanNode, uid: string): Stream {
  const { kind } = stream.transformation;
  if (kind !== 'operator') return stream;
  stream.uid(uid);
  if (node.parallelism !== undefined) stream.setParallelism(node.parallelism);
  if (node.maxParallelism !== undefined) stream.setMaxParallelism(node.maxParallelism);
  if (node.chaining === 'never') stream.disableChaining();
  if (node.chaining === 'head') stream.startNewChain();
  return stream;
}

function streamOf(node: PlanNode, streams: readonly Stream[], index: number): Stream {
  const { kind, variant, inputs } = node;
  const [left, right] = inputs.map((input) => streams[input]);
  assert(left !== undefined, `Cannot build ${kind}: no input ${inputs.join()}`);
  if (right !== undefined) return ofTwo(node, left, right);
  if (isWindow(kind)) return ofWindows(windowed(left.keyBy(keyOf), kind, node), node, index);
  switch (kind) {
    case 'map':
      return left.map((item) => RULES.mapped(item, variant));
    case 'filter':
      return left.filter((item) => RULES.isKept(item, variant));
    case 'flat-map':
      return left.flatMap((item) => RULES.flattened(item, variant));
    case 'rekey':
      return left.map((item) => RULES.rekeyed(item, variant));
    case 'route':
      return routed(left, variant);
    case 'stamp':
      return left.process<Item>({
        processElement: (item, { timestamp }, out) => out.collect(RULES.stamped(item, timestamp)),
      });
    case 'retime':
      return left.assignTimestampsAndWatermarks(
        watermarks(RULES.timeOf, node.isLate ? LATE_MS : undefined),
      );
    case 'spread':
      return spread(left, variant).map((item) => item);
    case 'delay':
      return delayed(left.keyBy(keyOf), variant);
    case 'reduce':
      return KEEPING.reduce(left.map(({ key }) => ({ key, n: 1 })).keyBy(keyOf));
    case 'running-count':
    case 'distinct':
    case 'total':
    case 'listed':
    case 'buckets':
      return KEEPING[kind](left.keyBy(keyOf));
    default:
      throw new InvariantViolation(`Cannot build ${kind} from one input`);
  }
}

function ofTwo({ kind }: PlanNode, left: Stream, right: Stream): Stream {
  switch (kind) {
    case 'union':
      return left.union(right);
    case 'join':
      return joined(left.keyBy(keyOf), right.keyBy(keyOf));
    case 'rules':
      return ruled(left.keyBy(keyOf), right);
    default:
      return left.connect(right).process<Item>({
        processElement1: (item, _context, out) => out.collect(RULES.firstMapped(item)),
        processElement2: (item, _context, out) => out.collect(RULES.secondMapped(item)),
      });
  }
}

/** Without a uid, its state would be lost when a change of parallelism changes the chains. */
function ofWindows(results: Stream, node: PlanNode, index: number): Stream {
  withSettings(results, node, `windows-${index}`);
  if (!node.isLate) return results.map(withoutWindow);
  return isSettled(node.variant) ? settledWindows(results) : results;
}

const ODD = new OutputTag<Item>('odd');

/** Odd numbers go another way, and come back. */
function routed(input: Stream, variant: number): Stream {
  const even = input.process<Item>({
    processElement: (item, context, out) => {
      if (item.n % 2 === 0) out.collect(item);
      else context.output(ODD, item);
    },
  });
  const odd = even.getSideOutput(ODD).map(RULES.secondMapped);
  return variant % 2 === 0 ? even.union(odd) : odd.union(even);
}

function spread(input: Stream, variant: number): Stream {
  const ways = [() => input.rebalance(), () => input.rescale(), () => input.global()];
  return (ways[variant % 4] ?? (() => input.broadcast()))();
}
