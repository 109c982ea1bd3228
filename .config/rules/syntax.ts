// The subset of TypeScript that is written here: what Node can run by erasing types, without the
// escape hatches that turn the compiler off.
import ts from 'typescript';
import { commentsOf } from './comments.ts';
import type { FileRule, Finding } from './finding.ts';
import { lineOf, type SourceFile, walk } from './source-file.ts';

const RULE = 'syntax-subset';

type Objection = Pick<Finding, 'problem' | 'remedy'>;

export const syntax: FileRule = {
  name: RULE,
  check(file) {
    const findings = unfinished(file);
    walk(file.tree, (node) => {
      const objection = objectionTo(node);
      if (objection === undefined) return;
      findings.push({ rule: RULE, path: file.path, line: lineOf(file, node), ...objection });
    });
    return findings;
  },
};

function objectionTo(node: ts.Node): Objection | undefined {
  return notErasable(node) ?? defaultExport(node) ?? escapeHatch(node) ?? leftover(node);
}

function notErasable(node: ts.Node): Objection | undefined {
  if (ts.isEnumDeclaration(node)) {
    return { problem: 'enum', remedy: "use a union of strings, as in 'a' | 'b'" };
  }
  if (ts.isModuleDeclaration(node) && !isDeclared(node)) {
    return { problem: 'namespace', remedy: 'use a module' };
  }
  if (ts.isParameter(node) && ts.isParameterPropertyDeclaration(node, node.parent)) {
    return { problem: 'parameter property', remedy: 'declare a field and assign it' };
  }
  return undefined;
}

/** `declare module 'x'` describes foreign code and emits nothing. */
function isDeclared(node: ts.ModuleDeclaration): boolean {
  return node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword) ?? false;
}

function defaultExport(node: ts.Node): Objection | undefined {
  const isDefault =
    ts.isExportAssignment(node) ||
    (node.kind === ts.SyntaxKind.DefaultKeyword && !ts.isDefaultClause(node.parent));
  if (!isDefault) return undefined;
  return { problem: 'default export', remedy: 'export it by name, so it has one name everywhere' };
}

function escapeHatch(node: ts.Node): Objection | undefined {
  if (node.kind === ts.SyntaxKind.AnyKeyword) {
    return { problem: 'any', remedy: 'use unknown and narrow it' };
  }
  if (ts.isNonNullExpression(node)) {
    return { problem: 'non-null !', remedy: 'assert that it is there, or handle that it is not' };
  }
  return undefined;
}

function leftover(node: ts.Node): Objection | undefined {
  if (node.kind === ts.SyntaxKind.DebuggerStatement) {
    return { problem: 'debugger', remedy: 'remove it' };
  }
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) {
    return undefined;
  }
  const isOnly = node.expression.name.text === 'only';
  return isOnly ? { problem: '.only(', remedy: 'remove it: it silences other tests' } : undefined;
}

/** Only comments are searched: a string may well name the marker, as this rule's own text does. */
function unfinished(file: SourceFile): Finding[] {
  const findings: Finding[] = [];
  for (const { pos, end } of commentsOf(file.tree)) {
    if (!/\bFIX[M]E\b/.test(file.text.slice(pos, end))) continue;
    findings.push({
      rule: RULE,
      path: file.path,
      line: file.tree.getLineAndCharacterOfPosition(pos).line + 1,
      problem: 'a comment marks broken code',
      remedy: 'repair it; what may wait is a TODO(name) with its condition',
    });
  }
  return findings;
}
