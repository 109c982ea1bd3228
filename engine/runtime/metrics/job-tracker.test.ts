// What a progress display shows is the sum of what all attempts have done, and why they had to.

import test from 'ava';

import { StreamExecutionEnvironment } from '../../api/stream-execution-environment.ts';
import { DiscardingSink } from '../../connector/callback-sink.ts';
import { checkpointId, executionAttemptId } from '../../core/ids.ts';
import { NodeClock } from '../../environment/node/node-clock.ts';
import type { JobGraph } from '../../graph/job-graph.ts';
import type { EngineEvent } from '../observer.ts';
import { registerJobMetrics } from './job-metrics.ts';
import { JobTracker } from './job-tracker.ts';
import { MetricRegistry } from './metric-registry.ts';

function graphOf(): JobGraph {
  const env = StreamExecutionEnvironment.create({ parallelism: 2 });
  env.fromCollection([1]).sinkTo(new DiscardingSink());
  return env.getJobGraph('job');
}

function track(): {
  readonly tracker: JobTracker;
  readonly records: (subtask: number, attempt: number, count: number) => void;
  readonly watermark: (subtask: number, timestamp: number) => void;
} {
  const graph = graphOf();
  const tracker = new JobTracker(graph, new NodeClock());
  const id = graph.vertices[0]?.id ?? '';
  const attemptOf = (subtask: number, attempt: number) =>
    executionAttemptId(`${id}:${subtask}#${attempt}@1`);
  return {
    tracker,
    records: (subtask, attempt, count) => {
      const emitted = count / 2;
      tracker.observe({ kind: 'records', attempt: attemptOf(subtask, attempt), count, emitted });
    },
    watermark: (subtask, timestamp) => {
      tracker.observe({ kind: 'watermark', attempt: attemptOf(subtask, 0), timestamp });
    },
  };
}

test('records of all subtasks and attempts add up, and of an attempt the latest count', (t) => {
  const { tracker, records } = track();
  records(0, 0, 10);
  records(0, 0, 20);
  records(1, 0, 6);
  records(0, 1, 4);
  const [vertex] = tracker.progress().vertices;
  t.deepEqual([vertex?.recordsIn, vertex?.recordsOut], [30, 15]);
});

test('the watermark of a vertex is the least of its subtasks, and unknown while one is', (t) => {
  const { tracker, watermark } = track();
  watermark(0, 70);
  t.is(tracker.progress().vertices[0]?.watermark, undefined);
  watermark(1, 50);
  t.is(tracker.progress().vertices[0]?.watermark, 50);
});

test('checkpoints, restarts and the last failure are told', (t) => {
  const { tracker } = track();
  const events: readonly EngineEvent[] = [
    { kind: 'job-running' },
    {
      kind: 'checkpoint-completed',
      checkpoint: checkpointId(4),
      durationMs: 12,
      savepoint: true,
      pointer: '/p',
      sizeBytes: 99,
    },
    { kind: 'checkpoint-aborted', checkpoint: checkpointId(5), reason: 'expired' },
    { kind: 'checkpoint-aborted', checkpoint: undefined, reason: 'turned away' },
    { kind: 'job-failing', cause: 'it broke', code: undefined },
    { kind: 'job-restarting', delayMs: 5 },
  ];
  for (const event of events) tracker.observe(event);
  const progress = tracker.progress();
  t.is(progress.phase, 'restarting');
  t.is(progress.checkpointsCompleted, 1);
  t.is(progress.checkpointsAborted, 1);
  t.deepEqual(progress.lastCheckpoint, { id: 4, durationMs: 12, sizeBytes: 99, pointer: '/p' });
  t.is(progress.restarts, 1);
  t.is(progress.lastFailure, 'it broke');
});

test('metrics follow the progress, and counters go on in a second run of the job', (t) => {
  const registry = new MetricRegistry();
  const first = track();
  registerJobMetrics(registry, () => first.tracker.progress());
  first.records(0, 0, 10);
  t.regex(registry.toPrometheus(), /onceproof_records_in_total\{job="job",vertex="[^"]+"\} 10\n/);
  first.records(0, 0, 16);
  t.regex(registry.toPrometheus(), /onceproof_records_in_total\{job="job",vertex="[^"]+"\} 16\n/);
  const second = track();
  registerJobMetrics(registry, () => second.tracker.progress());
  t.notThrows(() => registry.toPrometheus());
});
