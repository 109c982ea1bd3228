// Wraps comments that are wider than the wall, which the formatter leaves alone. Only a paragraph
// with a line that is too wide is touched; lists, tables and tags keep their line starts.
import { commentsOf } from './rules/comments.ts';
import { sourceFile } from './rules/source-file.ts';

const COLUMNS_MAX = 100;

/** A line that begins something: a list item, a table row, a tag, a fence, an indented example. */
const BEGINS = /^(\s{2,}|[-*|@>#`]|\d+[.)] )/;

export function reflowComments(path: string, text: string): string {
  const lines = text.split('\n');
  const tree = sourceFile(path, text).tree;
  const commentLines = new Set<number>();
  for (const { pos, end } of commentsOf(tree)) {
    const first = tree.getLineAndCharacterOfPosition(pos).line;
    const last = tree.getLineAndCharacterOfPosition(end).line;
    for (let line = first; line <= last; line += 1) commentLines.add(line);
  }
  const expanded = lines.flatMap((line, index) => {
    return commentLines.has(index) ? expandOneLiner(line) : [{ line, isComment: false }];
  });
  return wrapParagraphs(expanded).join('\n');
}

interface Line {
  readonly line: string;
  readonly isComment: boolean;
}

/** A documentation comment on one line takes three when it is too wide for one. */
function expandOneLiner(line: string): Line[] {
  const match = /^(\s*)\/\*\* (.*) \*\/$/.exec(line);
  if (line.length <= COLUMNS_MAX || match === null) return [{ line, isComment: true }];
  const indent = match[1] ?? '';
  return [`${indent}/**`, `${indent} * ${match[2] ?? ''}`, `${indent} */`].map((part) => {
    return { line: part, isComment: true };
  });
}

/**
 * Splits `prefix` (indentation and comment sign) from the words; undefined if there are no words.
 */
function partsOf({ line, isComment }: Line): { prefix: string; words: string } | undefined {
  const match = isComment ? /^(\s*(?:\/\/|\*(?!\/)) )(.*\S.*)$/.exec(line) : null;
  if (match === null) return undefined;
  return { prefix: match[1] ?? '', words: match[2] ?? '' };
}

function wrapParagraphs(lines: readonly Line[]): string[] {
  const result: string[] = [];
  for (let index = 0; index < lines.length; ) {
    const paragraph = paragraphAt(lines, index);
    const isTooWide = paragraph.some(({ line }) => line.length > COLUMNS_MAX);
    result.push(...(isTooWide ? wrap(paragraph) : paragraph.map(({ line }) => line)));
    index += paragraph.length;
  }
  return result;
}

function paragraphAt(lines: readonly Line[], start: number): Line[] {
  const first = lines[start];
  if (first === undefined) return [];
  const parts = partsOf(first);
  const paragraph = [first];
  if (parts === undefined) return paragraph;
  for (const next of lines.slice(start + 1)) {
    const more = partsOf(next);
    if (more === undefined || more.prefix !== parts.prefix || BEGINS.test(more.words)) break;
    paragraph.push(next);
  }
  return paragraph;
}

function wrap(paragraph: readonly Line[]): string[] {
  const parts = paragraph.map(partsOf);
  const prefix = parts[0]?.prefix;
  if (prefix === undefined || parts[0]?.words.startsWith('|')) {
    return paragraph.map(({ line }) => line);
  }
  const wrapped: string[] = [];
  let current = prefix.trimEnd();
  for (const word of parts.flatMap((part) => part?.words.split(' ') ?? [])) {
    const isFirst = current === prefix.trimEnd();
    if (!isFirst && current.length + 1 + word.length > COLUMNS_MAX) {
      wrapped.push(current);
      current = prefix.trimEnd();
    }
    current = `${current} ${word}`;
  }
  return [...wrapped, current];
}
