// What ECMAScript leaves ambient and a simulation cannot control: the date, dice, timers, locale,
// garbage collection. Inside the fence each has a replacement that replays from a seed.
import ts from 'typescript';
import type { FileRule, Finding } from './finding.ts';
import { lineOf, type SourceFile, walk } from './source-file.ts';

const RULE = 'ambient-ban';

const CLOCK = 'use environment.clock: time is simulated';
const RANDOM = "use environment.random.fork('...'): a draw must replay from its seed";
const SCHEDULE = "use clock.schedule: order is the simulator's to choose";
const ORDER = 'compare with < or an explicit comparator: ICU data differs between machines';
const LIFETIME = 'give it an explicit lifetime: garbage collection is not deterministic';
const MAILS = 'post each result as a mail: a race hides which event won';
const TRACE = 'use trace: a simulation has no console';
const TABLES = 'use an integer table or Math.imul: the last bit differs between engine versions';

/** Names that are banned wherever they stand for the global. */
const GLOBALS = new Map([
  ['performance', CLOCK],
  ['crypto', RANDOM],
  ['setTimeout', SCHEDULE],
  ['setInterval', SCHEDULE],
  ['setImmediate', SCHEDULE],
  ['queueMicrotask', SCHEDULE],
  ['Intl', ORDER],
  ['WeakRef', LIFETIME],
  ['FinalizationRegistry', LIFETIME],
  ['console', TRACE],
]);

/** `owner.member` pairs. */
const MEMBERS = new Map([
  ['Date.now', CLOCK],
  ['Math.random', RANDOM],
  ['Promise.race', MAILS],
  ['Promise.any', MAILS],
]);

const METHODS = /^(localeCompare|toLocale[A-Z]\w*)$/;

/** Not correctly rounded by the language's contract. Square root is, so it is allowed. */
const TRANSCENDENTAL = /^(a?(sin|cos|tan)h?|atan2|cbrt|exp|expm1|hypot|log|log10|log1p|log2|pow)$/;

export const ambient: FileRule = {
  name: RULE,
  check(file) {
    if (!file.isFenced) return [];
    const declared = declaredNames(file);
    const findings: Finding[] = [];
    walk(file.tree, (node) => {
      const objection = objectionTo(node, file, declared);
      if (objection === undefined) return;
      findings.push({ rule: RULE, path: file.path, line: lineOf(file, node), ...objection });
    });
    return findings;
  },
};

type Objection = Pick<Finding, 'problem' | 'remedy'>;

function objectionTo(
  node: ts.Node,
  file: SourceFile,
  declared: ReadonlySet<string>,
): Objection | undefined {
  if (ts.isNewExpression(node) || ts.isCallExpression(node)) return dateMade(node, declared);
  if (ts.isPropertyAccessExpression(node)) return memberUsed(node, file, declared);
  if (ts.isElementAccessExpression(node)) return elementUsed(node);
  if (ts.isBinaryExpression(node)) return powerTaken(node, file);
  if (ts.isIdentifier(node)) return globalUsed(node, declared);
  return undefined;
}

function dateMade(
  node: ts.NewExpression | ts.CallExpression,
  declared: ReadonlySet<string>,
): Objection | undefined {
  if (!ts.isIdentifier(node.expression) || node.expression.text !== 'Date') return undefined;
  if (declared.has('Date')) return undefined;
  return { problem: ts.isNewExpression(node) ? 'new Date' : 'Date()', remedy: CLOCK };
}

function memberUsed(
  node: ts.PropertyAccessExpression,
  file: SourceFile,
  declared: ReadonlySet<string>,
): Objection | undefined {
  const member = node.name.text;
  if (METHODS.test(member)) return { problem: `.${member}`, remedy: ORDER };
  if (!ts.isIdentifier(node.expression)) return undefined;
  const owner = node.expression.text;
  if (owner === 'globalThis') return throughGlobalThis(member);
  if (declared.has(owner)) return undefined;
  const remedy = MEMBERS.get(`${owner}.${member}`);
  if (remedy !== undefined) return { problem: `${owner}.${member}`, remedy };
  const isTable = file.area === 'simulator' && owner === 'Math' && TRANSCENDENTAL.test(member);
  return isTable ? { problem: `Math.${member}`, remedy: TABLES } : undefined;
}

function elementUsed(node: ts.ElementAccessExpression): Objection | undefined {
  const isGlobal = ts.isIdentifier(node.expression) && node.expression.text === 'globalThis';
  if (!isGlobal || !ts.isStringLiteralLike(node.argumentExpression)) return undefined;
  return throughGlobalThis(node.argumentExpression.text);
}

function throughGlobalThis(member: string): Objection | undefined {
  const remedy = member === 'Date' ? CLOCK : GLOBALS.get(member);
  return remedy === undefined ? undefined : { problem: `globalThis.${member}`, remedy };
}

/** Powers of two literals are exact; anything else goes through the same routine as Math.pow. */
function powerTaken(node: ts.BinaryExpression, file: SourceFile): Objection | undefined {
  if (file.area !== 'simulator') return undefined;
  if (node.operatorToken.kind !== ts.SyntaxKind.AsteriskAsteriskToken) return undefined;
  if (ts.isNumericLiteral(node.left) && ts.isNumericLiteral(node.right)) return undefined;
  if (ts.isBigIntLiteral(node.left) || ts.isBigIntLiteral(node.right)) return undefined;
  return { problem: '** of computed operands', remedy: TABLES };
}

function globalUsed(node: ts.Identifier, declared: ReadonlySet<string>): Objection | undefined {
  const remedy = GLOBALS.get(node.text);
  if (remedy === undefined || declared.has(node.text) || !isReference(node)) return undefined;
  return { problem: node.text, remedy };
}

/** False where the identifier is only a name: `x.crypto`, `{ crypto: 1 }`, a member or a label. */
function isReference(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent) || ts.isQualifiedName(parent)) {
    return (ts.isQualifiedName(parent) ? parent.left : parent.expression) === node;
  }
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  return (parent as { name?: ts.Node }).name !== node;
}

/** Every name the file itself introduces, in whatever scope: a parameter may be called `crypto`. */
function declaredNames(file: SourceFile): ReadonlySet<string> {
  const names = new Set<string>();
  walk(file.tree, (node) => {
    const isBinding =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node) ||
      ts.isImportSpecifier(node) ||
      ts.isImportClause(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isClassDeclaration(node) ||
      ts.isInterfaceDeclaration(node) ||
      ts.isTypeAliasDeclaration(node);
    if (isBinding && node.name !== undefined && ts.isIdentifier(node.name))
      names.add(node.name.text);
  });
  return names;
}
