// Plain objects are not maps: keys that look like integers are silently moved to the front, so the
// order of iteration depends on what the ids happen to be. Finds `x[key] = ...` on an object that
// starts as `{}` in the same file; an object that comes from elsewhere is beyond a syntax check.
import ts from 'typescript';
import type { FileRule, Finding } from './finding.ts';
import { lineOf, walk } from './source-file.ts';

const RULE = 'plain-object-as-map';

export const plainObjects: FileRule = {
  name: RULE,
  check(file) {
    if (!file.isFenced && file.area !== 'reports') return [];
    const objects = new Set<string>();
    const findings: Finding[] = [];
    walk(file.tree, (node) => {
      const born = emptyObjectBornIn(node);
      if (born !== undefined) objects.add(born);
    });
    walk(file.tree, (node) => {
      const written = writtenByKey(node);
      if (written === undefined || !objects.has(written)) return;
      findings.push({
        rule: RULE,
        path: file.path,
        line: lineOf(file, node),
        problem: `"${written}" is a plain object written by computed key`,
        remedy: 'use Map: it keeps insertion order whatever the keys are',
      });
    });
    return findings;
  },
};

function emptyObjectBornIn(node: ts.Node): string | undefined {
  if (!ts.isVariableDeclaration(node) && !ts.isPropertyDeclaration(node)) return undefined;
  const start = node.initializer;
  const isEmpty =
    start !== undefined && ts.isObjectLiteralExpression(start) && start.properties.length === 0;
  return isEmpty ? node.name.getText() : undefined;
}

function writtenByKey(node: ts.Node): string | undefined {
  if (!ts.isBinaryExpression(node) || !ts.isElementAccessExpression(node.left)) return undefined;
  const { kind } = node.operatorToken;
  if (kind < ts.SyntaxKind.FirstAssignment || kind > ts.SyntaxKind.LastAssignment) return undefined;
  if (ts.isStringLiteralLike(node.left.argumentExpression)) return undefined;
  const object = node.left.expression;
  return ts.isPropertyAccessExpression(object) ? object.name.text : object.getText();
}
