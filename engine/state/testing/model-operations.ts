// What may be done to the states of the model, on which keys and namespaces. Plain data.

/** In several key groups, of the kinds of keys that users have. */
export const MODEL_KEYS: readonly unknown[] = [
  'a',
  'b',
  7,
  [1, 'x'],
  'user-1',
  -3.5,
  true,
  'ключ',
  'user-2',
  1_000_000,
];
export const MODEL_NAMESPACES: readonly number[] = [0, 1];
/** How long what is stored for a while lives. */
export const BRIEF_MS = 100;
/** Few, so that entries are replaced and removed. */
const MAP_KEYS = 5;

export const OPERATION_KINDS = [
  'update',
  'mutate',
  'clear',
  'add',
  'replace-list',
  'put',
  'remove',
  'clear-map',
  'fold',
  'aggregate',
  'clear-folds',
  'merge',
  'set-timer',
  'cancel-timer',
  'keep-briefly',
  'put-briefly',
  'remove-brief',
] as const;

export interface StateOperation {
  readonly kind: (typeof OPERATION_KINDS)[number];
  /** Index into the keys. */
  readonly key: number;
  readonly namespace: number;
  readonly value: number;
}

export function mapKeyOf(value: number): number {
  return value % MAP_KEYS;
}
