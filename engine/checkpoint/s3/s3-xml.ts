// The XML of S3, read by field names. A document counts only if it is the expected one and whole:
// half a listing must never be taken for a short one.

import { XMLParser } from 'fast-xml-parser';
import { textOfUtf8 } from '../../stream/text-bytes.ts';

/** One element: its text, or the elements in it by name. */
export class XmlElement {
  readonly #value: unknown;

  constructor(value: unknown) {
    this.#value = value;
  }

  /** Empty where it has none. */
  get text(): string {
    return typeof this.#value === 'string' ? this.#value : '';
  }

  /** Of the first of this name; empty where there is none. */
  textOf(name: string): string {
    return this.all(name)[0]?.text ?? '';
  }

  all(name: string): readonly XmlElement[] {
    if (typeof this.#value !== 'object' || this.#value === null) return [];
    const found: unknown = new Map<string, unknown>(Object.entries(this.#value)).get(name);
    if (found === undefined) return [];
    const values: readonly unknown[] = Array.isArray(found) ? found : [found];
    return values.map((value) => new XmlElement(value));
  }
}

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  parseTagValue: false,
  trimValues: false,
  // Also decodes `&#34;` and the like, with which some servers escape.
  htmlEntities: true,
});

/** The root element, if it has this name and the document does not end before it does. */
export function parseXml(bytes: Uint8Array, root: string): XmlElement | undefined {
  const text = textOfUtf8(bytes);
  if (text === undefined || !text.trimEnd().endsWith(`</${root}>`)) return undefined;
  try {
    const parsed: unknown = parser.parse(text);
    return new XmlElement(parsed).all(root)[0];
  } catch {
    return undefined;
  }
}

/** What XML 1.0 has no way to write, escaped or not. */
const UNWRITABLE = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

export function isWritableInXml(text: string): boolean {
  return !UNWRITABLE.test(text);
}

export function escapeXml(text: string): string {
  return text.replace(/[&<>"'\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
