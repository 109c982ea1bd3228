/**
 * Making foreign text safe: for XML, for HTML, and for a reader's eyes.
 * Every string that comes out of a log passes through here on its way into a document.
 */

// What XML 1.0 forbids even when escaped, together with unpaired surrogates.
const FORBIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go.
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\uFFFE\uFFFF]|\p{Surrogate}/gu;
// CSI and OSC sequences and two-byte escapes, as terminals understand them.
const ANSI =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences start with ESC.
  /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)|[@-Z\\^_])/g;

/** Removes terminal escapes and the characters no XML or HTML document may contain. */
export function cleanText(text: string): string {
  return text.replace(ANSI, '').replace(FORBIDDEN, '');
}

/** Text for XML and HTML, in content and in quoted attributes. */
export function escapeMarkup(text: string): string {
  return cleanText(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');
}

/** Bytes of `text` in UTF-8. Unpaired surrogates count as the replacement character. */
export function utf8SizeBytes(text: string): number {
  let size = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    const isPair = unit >= 0xd800 && unit < 0xdc00 && isLowSurrogate(text.charCodeAt(index + 1));
    if (isPair) index += 1;
    size += isPair ? 4 : unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
  }
  return size;
}

/** At most `lengthMax` characters, ending in an ellipsis when something was cut. */
export function shorten(text: string, lengthMax: number): string {
  const characters = [...text];
  if (characters.length <= lengthMax) return text;
  return `${characters.slice(0, Math.max(0, lengthMax - 1)).join('')}…`;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}
