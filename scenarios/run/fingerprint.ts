// Tells whether two violations are the same bug: the same property of the same scenario, with a
// message of the same shape. Seeds, backends, ids and counts do not take part.

import { hashHex } from '../../engine/core/hash.ts';

/** Longer messages are told apart by their beginning: the rest lists examples. */
const SHAPE_LENGTH_MAX = 200;
/** Enough for a shape; searching more for patterns would take more than linear time. */
const SEARCHED_LENGTH_MAX = 1_000;

export function fingerprintOf(violation: {
  readonly scenario: string;
  readonly property: string;
  readonly message: string;
}): string {
  const { scenario, property, message } = violation;
  return hashHex(`${property}\n${scenario}\n${shapeOf(message)}`).slice(0, 8);
}

/** `Records e4, e12 were lost` and `Records e7 were lost` are one shape. */
export function shapeOf(message: string): string {
  const [firstLine = ''] = message.slice(0, SEARCHED_LENGTH_MAX).split('\n', 1);
  return firstLine
    .replace(/\d+/g, '#')
    .replace(/([^\s,]*#[^\s,]*)(, [^\s,]*#[^\s,]*)+/g, '$1')
    .slice(0, SHAPE_LENGTH_MAX);
}
