// The shape of a file: its name, its opening comment, one idea in its exports, and composition
// instead of class hierarchies.
import ts from 'typescript';
import type { FileRule, Finding } from './finding.ts';
import { lineOf, type SourceFile, walk } from './source-file.ts';

const RULE = 'file-shape';

const EXPORTS_MAX = 5;
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;

type Report = (line: number, problem: string, remedy: string) => void;

export const shape: FileRule = {
  name: RULE,
  check(file) {
    const findings: Finding[] = [];
    const report: Report = (line, problem, remedy) => {
      findings.push({ rule: RULE, path: file.path, line, problem, remedy });
    };
    checkName(file, report);
    checkHeader(file, report);
    checkExports(file, report);
    checkInheritance(file, report);
    return findings;
  },
};

function checkName(file: SourceFile, report: Report): void {
  const parts = file.path.split('/').filter((part) => !part.startsWith('.'));
  if (parts.every((part) => KEBAB_CASE.test(part))) return;
  report(
    1,
    'file name is not kebab-case',
    'name it after the one thing inside, as in task-manager.ts',
  );
}

function checkHeader(file: SourceFile, report: Report): void {
  const start = file.text.replace(/^#!.*\n/, '').trimStart();
  if (start.startsWith('//') || start.startsWith('/*')) return;
  report(1, 'no opening comment', 'say what this is, what it guarantees and what it does not do');
}

function checkExports(file: SourceFile, report: Report): void {
  if (file.path.endsWith('/index.ts')) return;
  const count = file.tree.statements.reduce((sum, node) => sum + exportedValues(node), 0);
  if (count <= EXPORTS_MAX) return;
  report(1, `${count} exports (types not counted)`, `one idea a file: the wall is ${EXPORTS_MAX}`);
}

function exportedValues(node: ts.Statement): number {
  if (ts.isExportDeclaration(node)) {
    if (node.isTypeOnly || node.exportClause === undefined) return node.isTypeOnly ? 0 : 1;
    if (!ts.isNamedExports(node.exportClause)) return 1;
    return node.exportClause.elements.filter((element) => !element.isTypeOnly).length;
  }
  if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return 0;
  if (!ts.canHaveModifiers(node)) return 0;
  const isExported = node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  if (isExported !== true || isOverload(node)) return 0;
  return ts.isVariableStatement(node) ? node.declarationList.declarations.length : 1;
}

function isOverload(node: ts.Node): boolean {
  return ts.isFunctionDeclaration(node) && node.body === undefined;
}

function checkInheritance(file: SourceFile, report: Report): void {
  walk(file.tree, (node) => {
    if (!ts.isHeritageClause(node) || node.token !== ts.SyntaxKind.ExtendsKeyword) return;
    if (!ts.isClassLike(node.parent)) return;
    const parent = node.types[0]?.expression.getText(file.tree) ?? '';
    if (/^\w*Error$/.test(parent)) return;
    report(lineOf(file, node), `class extends ${parent}`, 'compose: hold it in a field');
  });
}
