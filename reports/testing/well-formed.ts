/**
 * A small check that a text is well-formed XML 1.0, as far as our own writers go: one root, tags
 * that close, quoted attributes, known references, allowed characters. No doctype, no namespaces.
 */

const TOKEN = /<\?[^?]*\?>|<!--[\s\S]*?-->|<\/([\w:.-]+)\s*>|<([\w:.-]+)([^<>]*?)(\/?)>|[^<]+|</g;
const ATTRIBUTES = /^(\s+[\w:.-]+\s*=\s*("[^"<]*"|'[^'<]*'))*\s*$/;
const REFERENCE = /&(?!(amp|lt|gt|quot|apos|#\d+|#x[\da-fA-F]+);)/;
const FORBIDDEN = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** The first thing that is wrong, or null. */
export function xmlProblem(text: string): string | null {
  if (FORBIDDEN.test(text)) return 'a forbidden character';
  if (REFERENCE.test(text)) return 'an ampersand that is no reference';
  const open: string[] = [];
  let roots = 0;
  for (const [token, closing, opening, attributes = '', slash] of text.matchAll(TOKEN)) {
    if (token === '<') return 'a stray <';
    if (opening !== undefined) {
      if (!ATTRIBUTES.test(attributes)) return `bad attributes: ${attributes}`;
      if (open.length === 0) roots += 1;
      if (slash === '') open.push(opening);
    } else if (closing !== undefined) {
      if (open.pop() !== closing) return `</${closing}> closes something else`;
    } else if (open.length === 0 && !token.startsWith('<') && token.trim() !== '') {
      return 'text outside the root';
    }
  }
  if (open.length > 0) return `${open.at(-1) ?? ''} is not closed`;
  return roots === 1 ? null : `${roots} roots`;
}
