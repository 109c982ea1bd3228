// Reductions over one numeric field of a record, or over plain numbers. They never change a record:
// the one before may still be on its way downstream.

import { OnceproofError } from '../core/errors.ts';
import type { ReduceFunction } from '../state/state-descriptor.ts';

/** The names of T's fields that hold numbers. */
export type NumericField<T> = {
  [F in keyof T]-?: T[F] extends number ? F : never;
}[keyof T] &
  string;

type Fields = Readonly<Record<string, unknown>>;

/** The record of the first, with the field combined. Without a field: of numbers. */
export function numericReduce(
  field: string | undefined,
  combine: (left: number, right: number) => number,
): ReduceFunction<unknown> {
  if (field === undefined) {
    return (left, right) => combine(numberIn(left, 'the record'), numberIn(right, 'the record'));
  }
  return (left, right) => ({
    ...(left as Fields),
    [field]: combine(fieldOf(left, field), fieldOf(right, field)),
  });
}

/** The whole record whose field wins. */
export function pickReduce(
  field: string,
  wins: (value: number, kept: number) => boolean,
): ReduceFunction<unknown> {
  return (left, right) => (wins(fieldOf(right, field), fieldOf(left, field)) ? right : left);
}

function fieldOf(record: unknown, field: string): number {
  return numberIn((record as Fields)[field], `field "${field}"`);
}

function numberIn(value: unknown, what: string): number {
  if (typeof value === 'number') return value;
  throw new OnceproofError('OP-E216', `Cannot aggregate ${what}: it is no number`, {
    place: what,
    remedy: 'Name a field that holds a number in every record, or use reduce()',
  });
}
