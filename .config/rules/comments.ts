// Finds the comments of a file through its syntax tree, so that what looks like a comment inside a
// string or a template is none.
import ts from 'typescript';
import { walk } from './source-file.ts';

/** In the order of the file. */
export function commentsOf(tree: ts.SourceFile): ts.CommentRange[] {
  const ranges = new Map<number, ts.CommentRange>();
  const collect = (node: ts.Node): void => {
    for (const range of ts.getLeadingCommentRanges(tree.text, node.getFullStart()) ?? []) {
      ranges.set(range.pos, range);
    }
    for (const range of ts.getTrailingCommentRanges(tree.text, node.getEnd()) ?? []) {
      ranges.set(range.pos, range);
    }
  };
  walk(tree, collect);
  return [...ranges.values()].sort((a, b) => a.pos - b.pos);
}
