// Where the imports of a file lead. Static, dynamic, re-exporting and type-only ones count alike:
// an arrow between two parts of the house is one, whatever the compiler erases.
import ts from 'typescript';
import { lineOf, type SourceFile, walk } from './source-file.ts';

export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** The file meant, relative to the repository; undefined for packages and for `node:`. */
  readonly target: string | undefined;
}

export function importsOf(file: SourceFile): Import[] {
  const found: Import[] = [];
  walk(file.tree, (node) => {
    const specifier = specifierOf(node);
    if (specifier === undefined) return;
    found.push({ specifier, line: lineOf(file, node), target: targetOf(file.path, specifier) });
  });
  return found;
}

function specifierOf(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    return textOf(node.moduleSpecifier);
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return textOf(node.argument.literal);
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return textOf(node.arguments[0]);
  }
  return undefined;
}

function textOf(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
}

function targetOf(from: string, specifier: string): string | undefined {
  if (specifier === 'onceproof') return 'engine/index.ts';
  if (specifier.startsWith('onceproof/')) return `${specifier.slice('onceproof/'.length)}/index.ts`;
  if (!specifier.startsWith('.')) return undefined;
  const steps = from.split('/').slice(0, -1);
  for (const step of specifier.split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '.') steps.push(step);
  }
  return steps.join('/');
}
