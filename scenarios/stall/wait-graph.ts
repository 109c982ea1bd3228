// Follows the waiting from the job to its roots, breadth first, so that each is reached by the
// shortest chain. A group that waits only for itself is a cycle, and has no other root.

import { type Certainty, keyOf, type Party, type Wait } from './wait.ts';

/** Sentences from the job to the root, the last one being the root itself. */
export interface Chain {
  readonly kind: Certainty | 'cycle';
  readonly sentences: readonly string[];
}

interface Node {
  readonly key: string;
  readonly waits: readonly Wait[];
  /** How the search came here. */
  readonly before: { readonly node: Node; readonly text: string } | undefined;
}

const ORDER: readonly Chain['kind'][] = ['cycle', 'certain', 'likely', 'open'];
/** A stall that needs more to be explained is not explained by more. */
const PARTIES_MAX = 2_000;

/** The surest first, then the shortest. */
export function chainsOf(
  start: Party,
  waitsOf: (party: Party) => readonly Wait[],
): readonly Chain[] {
  const nodes = explore(start, waitsOf);
  const chains = [...nodes.values()].flatMap((node) =>
    node.waits.flatMap((wait): Chain[] =>
      'root' in wait ? [{ kind: wait.root, sentences: [...pathTo(node), wait.text] }] : [],
    ),
  );
  return [...cyclesOf(nodes), ...chains].sort(
    (left, right) =>
      ORDER.indexOf(left.kind) - ORDER.indexOf(right.kind) ||
      left.sentences.length - right.sentences.length,
  );
}

function explore(
  start: Party,
  waitsOf: (party: Party) => readonly Wait[],
): ReadonlyMap<string, Node> {
  const first: Node = { key: keyOf(start), waits: waitsOf(start), before: undefined };
  const nodes = new Map([[first.key, first]]);
  // A map is walked in the order of insertion, with what is added on the way.
  for (const node of nodes.values()) {
    for (const wait of node.waits) {
      if (!('on' in wait) || nodes.size >= PARTIES_MAX) continue;
      const key = keyOf(wait.on);
      if (nodes.has(key)) continue;
      nodes.set(key, { key, waits: waitsOf(wait.on), before: { node, text: wait.text } });
    }
  }
  return nodes;
}

function pathTo(node: Node): readonly string[] {
  if (node.before === undefined) return [];
  return [...pathTo(node.before.node), node.before.text];
}

function cyclesOf(nodes: ReadonlyMap<string, Node>): readonly Chain[] {
  const reach = new Map<string, ReadonlySet<string>>();
  for (const node of nodes.values()) reach.set(node.key, reachedFrom(node, nodes));
  const told = new Set<string>();
  return [...nodes.values()].flatMap((node): Chain[] => {
    const reached = reach.get(node.key) ?? new Set<string>();
    if (told.has(node.key) || !reached.has(node.key)) return [];
    const isClosed = [...reached].every(
      (key) => reach.get(key)?.has(node.key) === true && !hasRoot(nodes.get(key)),
    );
    if (!isClosed) return [];
    for (const key of reached) told.add(key);
    return [{ kind: 'cycle', sentences: [...pathTo(node), ...roundOf(node, nodes)] }];
  });
}

function hasRoot(node: Node | undefined): boolean {
  return node?.waits.some((wait) => 'root' in wait) === true;
}

/** Itself only where a way leads back. */
function reachedFrom(start: Node, nodes: ReadonlyMap<string, Node>): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [start];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const wait of node.waits) {
      const key = 'on' in wait ? keyOf(wait.on) : undefined;
      const next = key === undefined ? undefined : nodes.get(key);
      if (next === undefined || reached.has(next.key)) continue;
      reached.add(next.key);
      open.push(next);
    }
  }
  return reached;
}

/** The sentences of a shortest way back to where it began. */
function roundOf(start: Node, nodes: ReadonlyMap<string, Node>): readonly string[] {
  const ways: { readonly node: Node; readonly sentences: readonly string[] }[] = [
    { node: start, sentences: [] },
  ];
  const seen = new Set<string>();
  for (const { node, sentences } of ways) {
    for (const wait of node.waits) {
      if (!('on' in wait)) continue;
      const key = keyOf(wait.on);
      const way = [...sentences, wait.text];
      if (key === start.key) return way;
      const next = nodes.get(key);
      if (next === undefined || seen.has(key)) continue;
      seen.add(key);
      ways.push({ node: next, sentences: way });
    }
  }
  return [];
}
