// A job's progress as metrics, `onceproof_…`, labeled with the job's and the vertex' name. Brought
// up to date whenever the registry is read; nothing runs in between.

import { MAX_WATERMARK } from '../../stream/elements.ts';
import type { JobProgress, VertexProgress } from './job-progress.ts';
import type { MetricLabels, MetricRegistry } from './metric-registry.ts';

/** From now on whoever reads the registry finds the job's numbers in it. */
export function registerJobMetrics(registry: MetricRegistry, progress: () => JobProgress): void {
  registry.onCollect(() => {
    const now = progress();
    const job = { job: now.jobName };
    publishJob(registry, job, now);
    publishCheckpoints(registry, job, now);
    for (const vertex of now.vertices) publishVertex(registry, job, vertex);
  });
}

function publishJob(registry: MetricRegistry, labels: MetricLabels, progress: JobProgress): void {
  const running = { name: 'onceproof_job_running', help: '1 while all tasks run', labels };
  registry.gauge(running).set(progress.phase === 'running' ? 1 : 0);
  const uptime = { name: 'onceproof_job_uptime_seconds', help: 'Since the job started', labels };
  registry.gauge(uptime).set(progress.elapsedMs / 1_000);
  const restarts = {
    name: 'onceproof_job_restarts_total',
    help: 'Restarts after failures',
    labels,
  };
  raise(registry, restarts, progress.restarts);
}

function publishCheckpoints(
  registry: MetricRegistry,
  labels: MetricLabels,
  { checkpointsCompleted, checkpointsAborted, lastCheckpoint }: JobProgress,
): void {
  const prefix = 'onceproof_checkpoints';
  const completed = { name: `${prefix}_completed_total`, help: 'Checkpoints completed', labels };
  raise(registry, completed, checkpointsCompleted);
  const aborted = { name: `${prefix}_aborted_total`, help: 'Checkpoints given up', labels };
  raise(registry, aborted, checkpointsAborted);
  if (lastCheckpoint === undefined) return;
  const last = 'onceproof_last_checkpoint';
  const help = 'Of the newest complete checkpoint';
  registry.gauge({ name: `${last}_id`, help, labels }).set(lastCheckpoint.id);
  const seconds = lastCheckpoint.durationMs / 1_000;
  registry.gauge({ name: `${last}_duration_seconds`, help, labels }).set(seconds);
  registry.gauge({ name: `${last}_size_bytes`, help, labels }).set(lastCheckpoint.sizeBytes);
}

function publishVertex(registry: MetricRegistry, job: MetricLabels, vertex: VertexProgress): void {
  const { name, recordsIn, recordsOut, watermark } = vertex;
  const labels = { ...job, vertex: name };
  const taken = { name: 'onceproof_records_in_total', help: 'Records taken in', labels };
  raise(registry, taken, recordsIn);
  const sent = { name: 'onceproof_records_out_total', help: 'Records handed on', labels };
  raise(registry, sent, recordsOut);
  // The end of all data is no point in time.
  if (watermark === undefined || watermark === MAX_WATERMARK) return;
  const reached = { name: 'onceproof_watermark_seconds', help: 'Event time reached', labels };
  registry.gauge(reached).set(watermark / 1_000);
}

/** A job that is run again in the same process counts on from where the last one was. */
function raise(
  registry: MetricRegistry,
  description: { readonly name: string; readonly help: string; readonly labels: MetricLabels },
  to: number,
): void {
  const counter = registry.counter(description);
  counter.increment(Math.max(0, to - counter.value));
}
