// Where an operator's output points before open(): using it is a bug in the task.

import { assert } from '../core/assert.ts';
import type { Output } from './stream-operator.ts';

function refuse(): never {
  assert(false, 'Cannot emit: the operator is not open');
}

export const UNOPENED_OUTPUT: Output<unknown> = {
  emit: refuse,
  emitSide: refuse,
  emitWatermark: refuse,
  emitStatus: refuse,
};
