// One source file as the house rules see it: its place in the house, its text and its syntax tree.
// Syntax only, no types: the rules must run in a second and on code that does not compile yet.
import ts from 'typescript';
import { type Area, areaOf, isFencedPath, isTestPath } from './place.ts';

export interface SourceFile {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
  readonly area: Area;
  /** Tests and contract suites: they may use Node, and long callbacks are their nature. */
  readonly isTest: boolean;
  readonly isBench: boolean;
  /** It runs inside a simulation. Outside the fence a file may use Node and the real clock. */
  readonly isFenced: boolean;
}

export function sourceFile(path: string, text: string): SourceFile {
  return {
    path,
    text,
    tree: ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true),
    area: areaOf(path),
    isTest: isTestPath(path),
    isBench: path.includes('/bench/'),
    isFenced: isFencedPath(path),
  };
}

export function lineOf(file: SourceFile, node: ts.Node): number {
  return file.tree.getLineAndCharacterOfPosition(node.getStart(file.tree)).line + 1;
}

/** Calls `visit` for every node below `root`, parents first. */
export function walk(root: ts.Node, visit: (node: ts.Node) => void): void {
  const step = (node: ts.Node): void => {
    visit(node);
    ts.forEachChild(node, step);
  };
  ts.forEachChild(root, step);
}
