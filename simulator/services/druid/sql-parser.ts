// A small part of Druid SQL: one SELECT from one table, conditions joined by AND, GROUP BY with
// COUNT(*), ORDER BY, LIMIT and OFFSET. What is beyond it is refused, never guessed.

import { parseMoment } from './moments.ts';
import type { Cell } from './records.ts';

export type Operator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type Condition =
  | {
      readonly kind: 'compare';
      readonly column: string;
      readonly operator: Operator;
      readonly to: Cell;
    }
  | { readonly kind: 'null'; readonly column: string; readonly isNull: boolean };

export interface OutputColumn {
  /** Undefined: COUNT(*). */
  readonly column: string | undefined;
  readonly name: string;
}

export interface Query {
  readonly columns: readonly OutputColumn[];
  readonly table: string;
  readonly conditions: readonly Condition[];
  readonly groupBy: readonly string[];
  readonly orderBy: readonly { readonly column: string; readonly isDescending: boolean }[];
  readonly limit: number;
  readonly offset: number;
}

/** Told to the client as it is. */
export class SqlError extends Error {
  override readonly name = 'SqlError';
}

interface Token {
  readonly kind: 'word' | 'identifier' | 'string' | 'number' | 'symbol' | 'end';
  readonly text: string;
}

const TOKEN = new RegExp(
  [
    String.raw`\s*(?:("(?:[^"]|"")*")`,
    String.raw`('(?:[^']|'')*')`,
    String.raw`(-?\d+(?:\.\d+)?)`,
    String.raw`([A-Za-z_][\w.]*)`,
    '(<>|<=|>=|[=<>(),*]))',
  ].join('|'),
  'y',
);
const KINDS = ['identifier', 'string', 'number', 'word', 'symbol'] as const;
const OPERATORS: readonly string[] = ['=', '<>', '<', '<=', '>', '>='];

export function parseSql(text: string): Query {
  const parser = new Parser(tokensOf(text));
  return parser.query();
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const place = TOKEN.lastIndex;
    const found = TOKEN.exec(text)?.slice(1) ?? [];
    const index = found.findIndex((group: string | undefined) => group !== undefined);
    const kind = KINDS[index];
    if (kind === undefined) throw new SqlError(`Lexical error at character ${place}`);
    tokens.push({ kind, text: unquoted(found[index] ?? '', kind) });
  }
  return tokens;
}

function unquoted(text: string, kind: Token['kind']): string {
  if (kind === 'identifier') return text.slice(1, -1).replaceAll('""', '"');
  return kind === 'string' ? text.slice(1, -1).replaceAll("''", "'") : text;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  query(): Query {
    this.#expect('SELECT');
    const columns = this.#list(() => this.#output());
    this.#expect('FROM');
    const table = this.#name();
    const conditions = this.#accept('WHERE') ? this.#conditions() : [];
    const groupBy = this.#acceptTwo('GROUP', 'BY') ? this.#list(() => this.#name()) : [];
    const orderBy = this.#acceptTwo('ORDER', 'BY') ? this.#list(() => this.#order()) : [];
    const limit = this.#accept('LIMIT') ? this.#number() : Number.MAX_SAFE_INTEGER;
    const offset = this.#accept('OFFSET') ? this.#number() : 0;
    if (this.#peek().kind !== 'end') throw this.#unexpected();
    return { columns, table, conditions, groupBy, orderBy, limit, offset };
  }

  #output(): OutputColumn {
    const isCount = this.#accept('COUNT');
    if (isCount) for (const symbol of ['(', '*', ')']) this.#expect(symbol);
    const column = isCount ? undefined : this.#name();
    const name = this.#accept('AS') ? this.#name() : (column ?? 'EXPR$0');
    return { column, name };
  }

  #conditions(): Condition[] {
    const conditions = [this.#condition()];
    while (this.#accept('AND')) conditions.push(this.#condition());
    return conditions;
  }

  #condition(): Condition {
    const column = this.#name();
    if (this.#accept('IS')) {
      const isNull = !this.#accept('NOT');
      this.#expect('NULL');
      return { kind: 'null', column, isNull };
    }
    const { text } = this.#next();
    if (!OPERATORS.includes(text)) throw this.#unexpected();
    return { kind: 'compare', column, operator: text as Operator, to: this.#literal() };
  }

  #literal(): Cell {
    if (this.#accept('TIMESTAMP')) {
      const time = parseMoment(this.#next().text);
      if (time === undefined) throw new SqlError('Illegal TIMESTAMP literal');
      return time;
    }
    const { kind, text } = this.#next();
    if (kind === 'string') return text;
    if (kind === 'number') return Number(text);
    throw this.#unexpected();
  }

  #order(): { column: string; isDescending: boolean } {
    const column = this.#name();
    const isDescending = this.#accept('DESC');
    if (!isDescending) this.#accept('ASC');
    return { column, isDescending };
  }

  #list<T>(read: () => T): T[] {
    const items = [read()];
    while (this.#accept(',')) items.push(read());
    return items;
  }

  #name(): string {
    const { kind, text } = this.#next();
    if (kind === 'identifier' || kind === 'word') return text;
    throw this.#unexpected();
  }

  #number(): number {
    const { kind, text } = this.#next();
    if (kind === 'number') return Number(text);
    throw this.#unexpected();
  }

  #expect(text: string): void {
    if (!this.#accept(text)) throw this.#unexpected();
  }

  #acceptTwo(first: string, second: string): boolean {
    if (!this.#accept(first)) return false;
    this.#expect(second);
    return true;
  }

  #accept(text: string): boolean {
    const { kind, text: found } = this.#peek();
    const isIt = kind === 'symbol' ? found === text : kind === 'word' && isWord(found, text);
    if (isIt) this.#at += 1;
    return isIt;
  }

  #next(): Token {
    const token = this.#peek();
    this.#at += 1;
    return token;
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '' };
  }

  #unexpected(): SqlError {
    const token = this.#tokens[this.#at - 1] ?? this.#peek();
    return new SqlError(
      `Received an unexpected token near [${token.text}] or [${this.#peek().text}]`,
    );
  }
}

function isWord(found: string, expected: string): boolean {
  return found.toUpperCase() === expected;
}
