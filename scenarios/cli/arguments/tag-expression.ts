// Expressions on tags, as in `recovery && !slow` or `not slow and (sink or source)`: not binds
// tighter than and, and tighter than or.

export type TagTest = (tags: readonly string[]) => boolean;

const TOKEN = /\s*(\(|\)|&&|\|\||!|[\w./-]+)/y;
const WORDS: ReadonlyMap<string, string> = new Map([
  ['and', '&&'],
  ['or', '||'],
  ['not', '!'],
]);

/** Undefined if the text is no expression. */
export function parseTagExpression(text: string): TagTest | undefined {
  const tokens = tokensOf(text.trim());
  if (tokens === undefined || tokens.length === 0) return undefined;
  const reader = new TokenReader(tokens);
  const test = reader.readOr();
  return reader.isAtEnd ? test : undefined;
}

function tokensOf(text: string): string[] | undefined {
  const tokens: string[] = [];
  let at = 0;
  while (at < text.length) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined) return undefined;
    tokens.push(WORDS.get(token) ?? token);
    at = TOKEN.lastIndex;
  }
  return tokens;
}

class TokenReader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  readOr(): TagTest | undefined {
    let left = this.#readAnd();
    while (left !== undefined && this.#take('||')) {
      const [one, other] = [left, this.#readAnd()];
      left = other === undefined ? undefined : (tags) => one(tags) || other(tags);
    }
    return left;
  }

  #readAnd(): TagTest | undefined {
    let left = this.#readNot();
    while (left !== undefined && this.#take('&&')) {
      const [one, other] = [left, this.#readNot()];
      left = other === undefined ? undefined : (tags) => one(tags) && other(tags);
    }
    return left;
  }

  #readNot(): TagTest | undefined {
    if (this.#take('!')) {
      const test = this.#readNot();
      return test === undefined ? undefined : (tags) => !test(tags);
    }
    if (this.#take('(')) {
      const test = this.readOr();
      return this.#take(')') ? test : undefined;
    }
    const tag = this.#tokens[this.#at];
    if (tag === undefined || !/^[\w./-]+$/.test(tag)) return undefined;
    this.#at += 1;
    return (tags) => tags.includes(tag);
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at += 1;
    return true;
  }
}
