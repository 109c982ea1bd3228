/**
 * The difference between two lists of lines, shortest edit first found, with unchanged stretches
 * folded. Beyond `LINES_MAX` lines it stops looking for an alignment and compares position-free:
 * a wrong-looking alignment misleads more than none.
 */
import type { DiffLine } from './model.ts';

/** The table below has this many squared entries: 4 M, a few milliseconds. */
const LINES_MAX = 2_000;
const CONTEXT_LINES = 3;

export function diffLines(expected: readonly string[], actual: readonly string[]): DiffLine[] {
  const isLarge = expected.length > LINES_MAX || actual.length > LINES_MAX;
  const lines = isLarge ? unaligned(expected, actual) : aligned(expected, actual);
  return fold(lines);
}

function aligned(expected: readonly string[], actual: readonly string[]): DiffLine[] {
  const common = commonLengths(expected, actual);
  const width = actual.length + 1;
  const lines: DiffLine[] = [];
  let left = 0;
  let right = 0;
  while (left < expected.length && right < actual.length) {
    const here = left * width + right;
    const isMissing = (common[here + width] ?? 0) >= (common[here + 1] ?? 0);
    if (expected[left] === actual[right]) {
      lines.push({ mark: 'same', text: expected[left] ?? '' });
      left += 1;
      right += 1;
    } else if (isMissing) {
      lines.push({ mark: 'missing', text: expected[left] ?? '' });
      left += 1;
    } else {
      lines.push({ mark: 'added', text: actual[right] ?? '' });
      right += 1;
    }
  }
  for (const text of expected.slice(left)) lines.push({ mark: 'missing', text });
  for (const text of actual.slice(right)) lines.push({ mark: 'added', text });
  return lines;
}

/** Entry (i, j): the longest common subsequence of expected[i..] and actual[j..]. */
function commonLengths(expected: readonly string[], actual: readonly string[]): Uint16Array {
  const width = actual.length + 1;
  const common = new Uint16Array((expected.length + 1) * width);
  for (let left = expected.length - 1; left >= 0; left -= 1) {
    for (let right = actual.length - 1; right >= 0; right -= 1) {
      const here = left * width + right;
      const below = common[here + width] ?? 0;
      const beside = common[here + 1] ?? 0;
      const isEqual = expected[left] === actual[right];
      common[here] = isEqual ? (common[here + width + 1] ?? 0) + 1 : Math.max(below, beside);
    }
  }
  return common;
}

function unaligned(expected: readonly string[], actual: readonly string[]): DiffLine[] {
  const open = new Map<string, number>();
  for (const text of expected) open.set(text, (open.get(text) ?? 0) + 1);
  const added: DiffLine[] = [];
  for (const text of actual) {
    const left = open.get(text) ?? 0;
    if (left === 0) added.push({ mark: 'added', text });
    else open.set(text, left - 1);
  }
  const missing = [...open].flatMap(([text, times]) =>
    Array.from({ length: times }, (): DiffLine => ({ mark: 'missing', text })),
  );
  return [...missing, ...added];
}

function fold(lines: readonly DiffLine[]): DiffLine[] {
  const isKept = lines.map(() => false);
  for (const [index, line] of lines.entries()) {
    if (line.mark !== 'same') isKept.fill(true, Math.max(0, index - CONTEXT_LINES), index + 4);
  }
  const folded: DiffLine[] = [];
  let skipped = 0;
  for (const [index, line] of lines.entries()) {
    if (!isKept[index]) {
      skipped += 1;
      continue;
    }
    if (skipped > 0) folded.push(skippedLine(skipped));
    skipped = 0;
    folded.push(line);
  }
  if (skipped > 0) folded.push(skippedLine(skipped));
  return folded;
}

function skippedLine(count: number): DiffLine {
  return { mark: 'skipped', text: `${count} equal line${count === 1 ? '' : 's'}` };
}
