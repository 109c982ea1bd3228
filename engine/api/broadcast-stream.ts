// A stream that goes to every subtask, with the broadcast states it may fill there. Only useful
// as the argument of connect().

import type { Transformation } from '../graph/transformation.ts';
import type { BroadcastDeclarations } from '../operator/state-declarations.ts';

export class BroadcastStream<T, B extends BroadcastDeclarations> {
  readonly transformation: Transformation;
  readonly states: B;
  /** Never set: it only ties the stream to its record type. */
  declare readonly recordType?: T;

  constructor(transformation: Transformation, states: B) {
    this.transformation = transformation;
    this.states = states;
  }
}
