// One output stream as its reader sees it: with or without color, with or without Unicode, so and
// so wide. Everything printed goes through here, so that no other file asks what a terminal can do.

import { styleText } from 'node:util';
import type { ScreenSettings } from '../arguments/run-settings.ts';
import type { EnvironmentVariables } from '../arguments/values.ts';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan';

export interface Screen {
  readonly isTty: boolean;
  readonly columns: number;
  readonly rows: number;
  /** May cursor movements be sent? */
  readonly canRedraw: boolean;
  write(text: string): void;
  paint(style: Style, text: string): string;
}

const ROWS_MIN = 12;
const COLUMNS_DEFAULT = 80;
const COLUMNS_MIN = 40;

export function openScreen(
  stream: NodeJS.WriteStream,
  settings: ScreenSettings,
  environment: EnvironmentVariables,
): Screen {
  const isTty = stream.isTTY === true;
  const isDumb = environment['TERM'] === 'dumb';
  const isAscii = settings.ascii || (isTty && (isDumb || !isUtf8(environment)));
  const hasColor = wantsColor(settings.color, environment, isTty && !isDumb);
  const rows = stream.rows ?? 24;
  // Nobody reads on: what is written to a closed pipe is lost, and that is no error.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return {
    isTty,
    get columns() {
      const columns = Number(environment['COLUMNS'] ?? stream.columns ?? COLUMNS_DEFAULT);
      return Number.isInteger(columns) ? Math.max(COLUMNS_MIN, columns) : COLUMNS_DEFAULT;
    },
    rows,
    canRedraw: isTty && !isDumb && rows >= ROWS_MIN,
    write: (text) => {
      const spaced = text.replaceAll('\u00A0', ' ');
      stream.write(isAscii ? toAscii(spaced) : spaced);
    },
    paint: (style, text) => {
      return hasColor && text !== '' ? styleText(style, text, { validateStream: false }) : text;
    },
  };
}

function wantsColor(
  when: ScreenSettings['color'],
  environment: EnvironmentVariables,
  canColor: boolean,
): boolean {
  if (when !== 'auto') return when === 'always';
  const { NO_COLOR, FORCE_COLOR } = environment as { NO_COLOR?: string; FORCE_COLOR?: string };
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return !/^(0|false)$/.test(FORCE_COLOR);
  return canColor && (NO_COLOR === undefined || NO_COLOR === '');
}

/** Where no locale is set at all, terminals of today are UTF-8. */
function isUtf8(environment: EnvironmentVariables): boolean {
  const locale = ['LC_ALL', 'LC_CTYPE', 'LANG'].map((name) => environment[name]).find(Boolean);
  return locale === undefined || /utf-?8/i.test(locale);
}

const ASCII: ReadonlyMap<string, string> = new Map([
  ['✓', '+'],
  ['✗', 'x'],
  ['○', 'o'],
  ['▶', '>'],
  ['⚡', '!'],
  ['≠', '#'],
  ['━', '#'],
  ['╸', '#'],
  ['─', '-'],
  ['·', '-'],
  ['→', '->'],
  ['×', 'x'],
  ['…', '...'],
  ['–', '-'],
  ['\u00A0', ' '],
]);

export function toAscii(text: string): string {
  return text.replace(/[^\x00-\x7f]/gu, (character) => ASCII.get(character) ?? '?');
}
