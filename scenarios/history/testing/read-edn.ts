// A small reader of EDN, for tests: nil, booleans, numbers, strings, keywords, vectors and maps,
// which is all that is written. Keywords become strings. Throws where the text is not well-formed.

import type { Plain } from '../plain-values.ts';

export function readEdn(text: string): Plain {
  const reader = new Reader(text);
  const value = reader.value();
  reader.end();
  return value;
}

const TOKEN = /[^\s,[\]{}"]+/y;
const STRING = /"((?:[^"\\]|\\(?:["\\nrt]|u[0-9a-f]{4}))*)"/y;
const SPACE = /[\s,]*/y;
const INTEGER = /^-?(0|[1-9][0-9]*)$/;
const FLOAT = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?(e[+-]?[0-9]+)?$/;
const ESCAPE = /\\(u[0-9a-f]{4}|.)/g;
const CHARACTERS: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): Plain {
    this.#match(SPACE);
    const next = this.#text[this.#at];
    if (next === '[') return this.#sequence(']');
    if (next === '{') return this.#map();
    if (next === '"') return this.#string();
    return this.#atom();
  }

  end(): void {
    this.#match(SPACE);
    if (this.#at < this.#text.length) throw this.#broken('text behind the value');
  }

  #sequence(close: string): Plain[] {
    this.#at++;
    const values: Plain[] = [];
    while (!this.#closes(close)) values.push(this.value());
    return values;
  }

  #map(): Plain {
    const all = this.#sequence('}');
    if (all.length % 2 !== 0) throw this.#broken('a map with a key that has no value');
    const keys = all.filter((_, index) => index % 2 === 0);
    if (new Set(keys).size < keys.length) throw this.#broken('a map with a key twice');
    return Object.fromEntries(keys.map((key, index) => [nameOf(key), all[2 * index + 1] ?? null]));
  }

  #closes(close: string): boolean {
    this.#match(SPACE);
    if (this.#at >= this.#text.length) throw this.#broken(`no ${close}`);
    if (this.#text[this.#at] !== close) return false;
    this.#at++;
    return true;
  }

  #string(): string {
    const [whole, inner] = this.#match(STRING) ?? [];
    if (whole === undefined || inner === undefined) throw this.#broken('a string');
    return inner.replace(ESCAPE, (_, escape: string) =>
      escape.length > 1
        ? String.fromCharCode(Number.parseInt(escape.slice(1), 16))
        : (CHARACTERS.get(escape) ?? escape),
    );
  }

  #atom(): Plain {
    const [token] = this.#match(TOKEN) ?? [];
    if (token === undefined) throw this.#broken('a value');
    if (token === 'nil') return null;
    if (token === 'true' || token === 'false') return token === 'true';
    if (/^:[A-Za-z][\w-]*$/.test(token)) return token.slice(1);
    if (INTEGER.test(token)) {
      // Of 64 bits: a longer one would have to be marked.
      if (BigInt.asIntN(64, BigInt(token)) === BigInt(token)) return Number(token);
    } else if (FLOAT.test(token)) {
      return Number(token);
    }
    throw this.#broken(`what "${token}" means`);
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#at = pattern.lastIndex;
    return match ?? undefined;
  }

  #broken(what: string): Error {
    return new Error(`Cannot read EDN at ${this.#at}: ${what}`);
  }
}

function nameOf(key: Plain): string {
  if (typeof key !== 'string') throw new Error('Cannot read EDN: a key that is no name');
  return key;
}
