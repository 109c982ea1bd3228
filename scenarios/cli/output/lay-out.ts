// Text on lines: widths, padding and wrapping. Widths count code points, which is exact for
// everything this program prints by itself; colors have no width.

import { stripVTControlCharacters } from 'node:util';

export function widthOf(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** Breaks at spaces only; a word that is too long stays whole, so that it can be copied. */
export function wrap(text: string, columns: number): string[] {
  const width = Math.max(20, columns);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const isFull = line !== '' && widthOf(line) + 1 + widthOf(word) > width;
    if (isFull) lines.push(line);
    line = line === '' || isFull ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
