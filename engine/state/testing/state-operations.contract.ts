// Draws operations on the states of the model: for properties of backends, and of whatever stores
// and restores them.

import fc from 'fast-check';

import {
  MODEL_KEYS,
  MODEL_NAMESPACES,
  OPERATION_KINDS,
  type StateOperation,
} from './model-operations.ts';

/** So few that timers and entries meet their like again. */
const VALUE_MAX = 29;

export const stateOperation: fc.Arbitrary<StateOperation> = fc.record({
  kind: fc.constantFrom(...OPERATION_KINDS),
  key: fc.nat(MODEL_KEYS.length - 1),
  namespace: fc.nat(MODEL_NAMESPACES.length - 1),
  value: fc.nat(VALUE_MAX),
});

export const timestamp: fc.Arbitrary<number> = fc.nat(VALUE_MAX);
