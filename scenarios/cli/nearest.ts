// The name a person probably meant. It suggests one, or nothing: a wild guess helps nobody.

/** As the end of an error sentence: ` Did you mean "x"?`, or nothing. */
export function didYouMean(word: string, names: Iterable<string>): string {
  const name = nearest(word, names);
  return name === undefined ? '' : `. Did you mean "${name}"?`;
}

export function nearest(word: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestScore = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const score = scoreOf(word, name);
    if (score < bestScore) [best, bestScore] = [name, score];
  }
  return best;
}

/** Typing mistakes first; then names that begin alike or contain the word. */
function scoreOf(word: string, name: string): number {
  const edits = editDistance(word, name);
  if (edits <= Math.max(2, Math.floor(word.length / 3))) return edits;
  const shared = sharedPrefix(word, name);
  const isAkin = (word.length >= 3 && name.includes(word)) || shared >= 4;
  return isAkin ? 1_000 - shared * 10 + edits : Number.POSITIVE_INFINITY;
}

function sharedPrefix(left: string, right: string): number {
  let length = 0;
  while (length < left.length && left[length] === right[length]) length += 1;
  return length;
}

/** Levenshtein's, one row at a time. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let line = 1; line <= from.length; line += 1) {
    const next = [line];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (row[column - 1] ?? 0) + (from[line - 1] === to[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
