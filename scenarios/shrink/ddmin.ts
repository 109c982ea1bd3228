// Delta debugging (Zeller and Hildebrandt): the smallest part of a list that still fails, such that
// no single piece can be left out anymore. Asks about parts of the list only, never twice in a row
// about the same one, and is as deterministic as the answers are.

/**
 * Keeps the order. Tries nothing at all first: often the fault is the engine's alone. A long list
 * is cut into `piecesMax` pieces at the most; what is left of it then is not minimal.
 */
export async function ddmin<T>(
  items: readonly T[],
  fails: (part: readonly T[]) => Promise<boolean>,
  piecesMax = Number.POSITIVE_INFINITY,
): Promise<readonly T[]> {
  if (items.length === 0 || (await fails([]))) return [];
  let kept = items;
  let pieces = 2;
  while (kept.length > 1) {
    const smaller = await reduce(kept, Math.min(pieces, kept.length), fails);
    if (smaller !== undefined) {
      kept = smaller.part;
      pieces = Math.max(2, smaller.pieces);
    } else if (pieces >= Math.min(kept.length, piecesMax)) {
      break;
    } else {
      pieces = Math.min(pieces * 2, kept.length, piecesMax);
    }
  }
  return kept;
}

interface Smaller<T> {
  readonly part: readonly T[];
  readonly pieces: number;
}

/** One of the pieces alone, or all but one of them. */
async function reduce<T>(
  kept: readonly T[],
  pieces: number,
  fails: (part: readonly T[]) => Promise<boolean>,
): Promise<Smaller<T> | undefined> {
  const bounds = Array.from({ length: pieces + 1 }, (_, index) =>
    Math.round((index * kept.length) / pieces),
  );
  const piece = (index: number): readonly [number, number] => [
    bounds[index] ?? 0,
    bounds[index + 1] ?? kept.length,
  ];
  for (let index = 0; index < pieces; index += 1) {
    const [from, to] = piece(index);
    const part = kept.slice(from, to);
    if (part.length < kept.length && (await fails(part))) return { part, pieces: 2 };
  }
  // With two pieces the rest of one is the other.
  if (pieces === 2) return undefined;
  for (let index = 0; index < pieces; index += 1) {
    const [from, to] = piece(index);
    const part = [...kept.slice(0, from), ...kept.slice(to)];
    if (await fails(part)) return { part, pieces: pieces - 1 };
  }
  return undefined;
}
