// The kinds of nodes that a generated job is made of.

export const KINDS = {
  stateless: ['map', 'filter', 'flat-map', 'rekey', 'route', 'stamp'],
  /** Put out something for each record, when it comes: event time is lost. */
  running: ['running-count', 'reduce', 'distinct'],
  /** Put out once all input is there. */
  final: ['total', 'listed', 'buckets'],
  twoInput: ['union', 'co-map', 'join', 'rules'],
  windows: ['tumbling', 'sliding', 'session'],
} as const;

export type RunningKind = (typeof KINDS.running)[number];
export type FinalKind = (typeof KINDS.final)[number];
export type TwoInputKind = (typeof KINDS.twoInput)[number];
export type WindowKind = (typeof KINDS.windows)[number];

export type NodeKind =
  | 'source'
  | 'retime'
  | 'spread'
  | 'delay'
  | (typeof KINDS.stateless)[number]
  | RunningKind
  | FinalKind
  | TwoInputKind
  | WindowKind;

/** What a gene may ask for; kinds that stand here twice come twice as often. */
export const GENE_KINDS = [
  ...KINDS.stateless,
  ...KINDS.running,
  ...KINDS.final,
  ...KINDS.twoInput,
  ...KINDS.twoInput,
  ...KINDS.windows,
  ...KINDS.windows,
  'delay',
  'spread',
  'source',
] as const;

export function isAmong<K extends NodeKind>(kinds: readonly K[], kind: NodeKind): kind is K {
  return (kinds as readonly NodeKind[]).includes(kind);
}

export function isWindow(kind: NodeKind): kind is WindowKind {
  return isAmong(KINDS.windows, kind);
}

export function isKeyed(kind: NodeKind): boolean {
  const keyed = [...KINDS.running, ...KINDS.final, ...KINDS.windows, 'join', 'rules', 'delay'];
  return isAmong(keyed as readonly NodeKind[], kind);
}
