// The columns of our datasources. They are in users' queries: never rename one.

export const STRING_COLUMNS = [
  'artefact',
  'operator',
  'kind',
  'state',
  'key',
  'namespace',
  'value',
  'bytes',
] as const;
export const NUMBER_COLUMNS = ['checkpoint', 'part', 'subtask', 'key_group'] as const;
/** Nobody looks for one of these by its whole value, so they need no index. */
export const UNINDEXED_COLUMNS: readonly string[] = ['value', 'bytes'];
