// The walls on size. They hold from the first commit, so nothing ever has to be ratcheted down; a
// file near its wall is split by decision, not by layer.
import ts from 'typescript';
import type { FileRule, Finding } from './finding.ts';
import { lineOf, type SourceFile, walk } from './source-file.ts';

const RULE = 'size-walls';

const FILE_LINES_MAX = 400;
const TEST_FILE_LINES_MAX = 600;
const FUNCTION_LINES_MAX = 70;
const PARAMETERS_MAX = 4;
const COLUMNS_MAX = 100;
const NESTING_MAX = 3;

type Report = (line: number, problem: string, remedy: string) => void;

export const sizes: FileRule = {
  name: RULE,
  check(file) {
    const findings: Finding[] = [];
    const report: Report = (line, problem, remedy) => {
      findings.push({ rule: RULE, path: file.path, line, problem, remedy });
    };
    checkText(file, report);
    walk(file.tree, (node) => {
      if (ts.isFunctionLike(node)) checkFunction(file, node, report);
      if (isNesting(node)) checkNesting(file, node, report);
    });
    return findings;
  },
};

function checkText(file: SourceFile, report: Report): void {
  const lines = file.text.replace(/\n$/, '').split('\n');
  const linesMax = file.isTest ? TEST_FILE_LINES_MAX : FILE_LINES_MAX;
  if (lines.length > linesMax) {
    report(1, `file of ${lines.length} lines`, `split it by decision: the wall is ${linesMax}`);
  }
  lines.forEach((line, index) => {
    // An address cannot be broken; everything else can.
    if (line.length <= COLUMNS_MAX || line.includes('https://')) return;
    report(index + 1, `line of ${line.length} columns`, `break it: the wall is ${COLUMNS_MAX}`);
  });
}

function checkFunction(file: SourceFile, node: ts.SignatureDeclaration, report: Report): void {
  const line = lineOf(file, node);
  if (node.parameters.length > PARAMETERS_MAX) {
    const count = node.parameters.length;
    report(line, `${count} parameters`, `take one options object: the wall is ${PARAMETERS_MAX}`);
  }
  if (isTestBody(file, node)) return;
  const length = file.tree.getLineAndCharacterOfPosition(node.end).line + 2 - line;
  if (length > FUNCTION_LINES_MAX) {
    report(line, `function of ${length} lines`, `extract: the wall is ${FUNCTION_LINES_MAX}`);
  }
}

/** A test tells a story from top to bottom, and a contract suite is a list of such tests. */
function isTestBody(file: SourceFile, node: ts.SignatureDeclaration): boolean {
  if (!file.isTest && !file.isBench) return false;
  const isCallback = node.parent !== undefined && ts.isCallExpression(node.parent);
  return isCallback || /contract$/i.test(node.name?.getText(file.tree) ?? '');
}

function isNesting(node: ts.Node): boolean {
  if (ts.isIfStatement(node)) return !isElseIf(node);
  return (
    ts.isIterationStatement(node, false) || ts.isSwitchStatement(node) || ts.isTryStatement(node)
  );
}

function isElseIf(node: ts.IfStatement): boolean {
  return ts.isIfStatement(node.parent) && node.parent.elseStatement === node;
}

function checkNesting(file: SourceFile, node: ts.Node, report: Report): void {
  let depth = 1;
  for (let at = node.parent; !ts.isFunctionLike(at) && !ts.isSourceFile(at); at = at.parent) {
    if (isNesting(at)) depth += 1;
  }
  // Reported once, where the wall is crossed, not again for what lies deeper.
  if (depth !== NESTING_MAX + 1) return;
  report(lineOf(file, node), `nesting of ${depth}`, 'return early or extract: the wall is 3');
}
