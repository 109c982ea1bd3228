// What we ask Druid's Overlord to run: tasks that take in rows, and the one that publishes a
// checkpoint. Task ids are ours, so that asking twice is asking once.

import { NUMBER_COLUMNS, STRING_COLUMNS, UNINDEXED_COLUMNS } from './druid-columns.ts';
import { intervalOf } from './time-chunks.ts';
import { intervalOfSlot } from './time-slots.ts';

/** JSON for POST /druid/indexer/v1/task. */
export interface TaskSpec {
  readonly id: string;
  readonly datasource: string;
  /** Of what the task does: the same id with another digest is somebody else's task. */
  readonly digest: string;
  readonly body: string;
}

interface TaskOptions {
  readonly id: string;
  readonly datasource: string;
  readonly chunk: number;
  readonly digest: string;
}

/** Rows that a task brings with it. */
interface Inline {
  /** Their times lie in the chunk, or in the slot. */
  readonly lines: string;
}

/**
 * Adds rows to a slot of a chunk. Druid's tasks lock what they add to, so those that add to
 * different slots do not wait for each other. Its locks for appending side by side are no way:
 * under them, segments of a chunk whose earlier ones were marked unused are lost without a word.
 */
export function appendTask(options: TaskOptions & Inline & { readonly slot: number }): TaskSpec {
  return taskOf(options, inlineInput(options), {
    isAppend: true,
    segmentGranularity: 'SECOND',
    interval: intervalOfSlot(options.chunk, options.slot),
  });
}

/** Replaces all of a chunk. */
export function replaceTask(options: TaskOptions & Inline): TaskSpec {
  return taskOf(options, inlineInput(options), chunkOutput(options));
}

function inlineInput({ lines }: Inline): object {
  return { inputSource: { type: 'inline', data: lines }, inputFormat: { type: 'json' } };
}

function chunkOutput({ chunk }: TaskOptions): TaskOutput {
  return { isAppend: false, segmentGranularity: 'MINUTE', interval: intervalOf(chunk) };
}

/** Replaces a chunk by the rows that these artefacts have in the same chunk of `from`. */
export function copyTask(
  options: TaskOptions & { readonly from: string; readonly artefacts: readonly string[] },
): TaskSpec {
  const inputSource = {
    type: 'druid',
    dataSource: options.from,
    interval: intervalOf(options.chunk),
    filter: { type: 'in', dimension: 'artefact', values: options.artefacts },
  };
  return taskOf(options, { inputSource }, chunkOutput(options));
}

interface TaskOutput {
  readonly isAppend: boolean;
  readonly segmentGranularity: 'MINUTE' | 'SECOND';
  readonly interval: string;
}

function taskOf(options: TaskOptions, input: object, output: TaskOutput): TaskSpec {
  const { id, datasource, digest } = options;
  const body = JSON.stringify({
    type: 'index_parallel',
    id,
    spec: {
      dataSchema: dataSchemaOf(datasource, output),
      ioConfig: {
        type: 'index_parallel',
        ...input,
        appendToExisting: output.isAppend,
        dropExisting: false,
      },
      // One subtask: Druid then does the work in the task itself. A row that it cannot read fails
      // the task instead of being left out.
      tuningConfig: {
        type: 'index_parallel',
        partitionsSpec: { type: 'dynamic' },
        maxNumConcurrentSubTasks: 1,
        maxParseExceptions: 0,
        logParseExceptions: true,
      },
    },
    context: { onceproofDigest: digest },
  });
  return { id, datasource, digest, body };
}

function dataSchemaOf(datasource: string, output: TaskOutput): object {
  const { segmentGranularity, interval } = output;
  return {
    dataSource: datasource,
    timestampSpec: { column: '__time', format: 'millis' },
    dimensionsSpec: {
      dimensions: [
        ...STRING_COLUMNS.map((name) => ({
          type: 'string',
          name,
          createBitmapIndex: !UNINDEXED_COLUMNS.includes(name),
        })),
        ...NUMBER_COLUMNS.map((name) => ({ type: 'long', name })),
      ],
    },
    granularitySpec: {
      type: 'uniform',
      segmentGranularity,
      // Cuts times down to the slot, or to the chunk: in a published chunk all are its start.
      queryGranularity: segmentGranularity,
      rollup: false,
      intervals: [interval],
    },
  };
}
