// The tags of the generic format: one byte before every value says what follows. They are in
// checkpoints for good: never renumber, only add.

export const Tag = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  /** Signed varint. */
  integer: 4,
  /** All other numbers, -0 among them. */
  double: 5,
  string: 6,
  /** Sign byte, then the magnitude as bytes, least significant first. */
  bigint: 7,
  bytes: 8,
  array: 9,
  object: 10,
  map: 11,
  set: 12,
} as const;

/** Deeper values are taken for cyclic: recursion must end long before the stack does. */
export const MAX_VALUE_DEPTH = 500;
