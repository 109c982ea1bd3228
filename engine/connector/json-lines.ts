// One JSON value a line. Blank lines are skipped. What JSON cannot say (undefined, functions,
// bigint, NaN, infinities) is refused when writing, rather than turned into null in silence.

import { OnceproofError } from '../core/errors.ts';
import type { DecodedRecord, RecordFormat } from './record-format.ts';

const NEWLINE = 0x0a;

/** `T` is what the lines are taken for; they are parsed, not checked against a schema. */
export function jsonLines<T = unknown>(): RecordFormat<T> {
  return {
    name: 'jsonLines',
    extension: '.jsonl',
    unit: 'line',
    splittable: true,
    endOf,
    decode,
    encode: (value) => `${encode(value)}\n`,
  };
}

function endOf(bytes: Uint8Array, from: number, to: number): number {
  const newline = bytes.indexOf(NEWLINE, from);
  return newline < 0 || newline >= to ? -1 : newline + 1;
}

function decode<T>(text: string, _header: unknown, into: DecodedRecord<T>): void {
  if (text.trim() === '') {
    into.kind = 'nothing';
    return;
  }
  try {
    into.value = JSON.parse(text) as T;
    into.kind = 'record';
  } catch (error) {
    into.kind = 'malformed';
    into.problem = error instanceof Error ? error.message : String(error);
  }
}

function encode(value: unknown): string {
  try {
    const text: unknown = JSON.stringify(value, refuseUnsayable);
    if (typeof text === 'string') return text;
  } catch (error) {
    throw notJson(value, error instanceof Error ? error.message : String(error), error);
  }
  throw notJson(value, `JSON has no ${typeof value}`, undefined);
}

function refuseUnsayable(key: string, value: unknown): unknown {
  if (typeof value !== 'number' || Number.isFinite(value)) return value;
  throw new RangeError(`JSON has no ${value}${key === '' ? '' : ` (at "${key}")`}`);
}

function notJson(value: unknown, problem: string, cause: unknown): OnceproofError {
  const message = `Cannot write a ${typeof value} as JSON: ${problem}`;
  const remedy = 'Map records to plain JSON values before the sink';
  return new OnceproofError('OP-E205', message, { place: 'jsonLines()', remedy, cause });
}
