// Comma-separated values as RFC 4180 has them, with a header row and typed columns. An empty field
// of a typed column is null. Encodings other than UTF-8 and comments are not supported.

import { OnceproofError } from '../core/errors.ts';
import { endOfCsvRecord, splitCsvRecord } from './csv-fields.ts';
import type { DecodedRecord, RecordFormat } from './record-format.ts';

export type CsvValue = string | number | boolean | null;
export type CsvRow = Readonly<Record<string, CsvValue>>;

export interface CsvColumn {
  readonly name: string;
  /** Default 'string'. 'integer': within 2^53. */
  readonly type?: 'string' | 'number' | 'integer' | 'boolean';
}

export interface CsvOptions {
  /** Which columns rows have. Default when reading: all of the header, as strings. */
  readonly columns?: readonly (string | CsvColumn)[];
  /** Files start with a row of names. Default true. */
  readonly header?: boolean;
  /** One ASCII character. Default ','. */
  readonly delimiter?: string;
}

type ColumnType = NonNullable<CsvColumn['type']>;

interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Where it stands in a record. */
  readonly index: number;
}

/** How records of one header become rows. */
interface Layout {
  readonly header: readonly string[];
  readonly columns: readonly Column[];
  /** A row with all columns in order: rows are copies of it. */
  readonly template: CsvRow;
}

/** `T` is what rows are taken for; by default they are typed by column at run time only. */
export function csv<T extends object = CsvRow>(options: CsvOptions = {}): RecordFormat<T> {
  const settings = checked(options);
  const { delimiter, columns, hasHeader } = settings;
  const delimiterByte = delimiter.charCodeAt(0);
  const names = columns?.map(({ name }) => name);
  let layout: Layout | undefined = hasHeader ? undefined : layoutOf(names ?? [], columns);
  return {
    name: 'csv',
    extension: '.csv',
    unit: 'record',
    splittable: false,
    ...(hasHeader && names !== undefined ? { preamble: encodeRow(names, delimiter) } : {}),
    endOf: (bytes, from, to) => endOfCsvRecord(bytes, from, to, delimiterByte),
    decode: (text, header, into) => {
      if (text === '') {
        into.kind = 'nothing';
        return;
      }
      const fields = splitCsvRecord(text, delimiter);
      if (typeof fields === 'string') refuse(into, fields, hasHeader && header === undefined);
      else if (hasHeader && header === undefined) readHeader(fields, columns, into);
      else {
        if (header !== undefined && header !== layout?.header) layout = layoutOf(header, columns);
        if (layout !== undefined) readRow(fields, layout, into);
      }
    },
    encode: (value) => encodeRow(valuesOf(value, names), delimiter),
  };
}

interface Settings {
  readonly delimiter: string;
  readonly hasHeader: boolean;
  readonly columns: readonly CsvColumn[] | undefined;
}

function checked({ columns, header = true, delimiter = ',' }: CsvOptions): Settings {
  if (!/^[\x01-\x7f]$/.test(delimiter) || /["\r\n]/.test(delimiter)) {
    throw invalid('delimiter', `"${delimiter}" is not one`, 'Give one ASCII character, as ";"');
  }
  if (columns === undefined && !header) {
    throw invalid('columns', 'there is no header either', 'Name the columns, in their order');
  }
  const named = columns?.map((column) => (typeof column === 'string' ? { name: column } : column));
  const repeated = repeatedName(named?.map(({ name }) => name) ?? []);
  if (repeated !== undefined) {
    throw invalid('columns', `"${repeated}" is there twice`, 'Give every column its own name');
  }
  return { delimiter, hasHeader: header, columns: named };
}

function invalid(option: string, problem: string, remedy: string): OnceproofError {
  const message = `Cannot use csv() with these ${option}: ${problem}`;
  return new OnceproofError('OP-E302', message, { place: `csv().${option}`, remedy });
}

function repeatedName(names: readonly string[]): string | undefined {
  return names.find((name, index) => names.indexOf(name) !== index);
}

/** A header that cannot be read makes its file unreadable: the next record is not another one. */
function refuse<T>(into: DecodedRecord<T>, problem: string, isHeader: boolean): void {
  into.kind = isHeader ? 'unreadable' : 'malformed';
  into.problem = isHeader ? `its header is wrong: ${problem}` : problem;
}

function readHeader<T>(
  names: readonly string[],
  columns: readonly CsvColumn[] | undefined,
  into: DecodedRecord<T>,
): void {
  const repeated = repeatedName(names);
  const missing = columns?.find(({ name }) => !names.includes(name));
  if (repeated !== undefined) refuse(into, `column "${repeated}" is there twice`, true);
  else if (missing !== undefined) refuse(into, `there is no column "${missing.name}"`, true);
  else {
    into.kind = 'header';
    into.header = names;
  }
}

function layoutOf(header: readonly string[], columns: readonly CsvColumn[] | undefined): Layout {
  const wanted = columns ?? header.map((name): CsvColumn => ({ name }));
  return {
    header,
    columns: wanted.map(({ name, type = 'string' }) => ({
      name,
      type,
      index: header.indexOf(name),
    })),
    // Unlike assignment, this is safe for a column called "__proto__".
    template: Object.fromEntries(wanted.map(({ name }) => [name, null])),
  };
}

function readRow<T>(fields: readonly string[], layout: Layout, into: DecodedRecord<T>): void {
  const { header, columns, template } = layout;
  if (fields.length !== header.length) {
    refuse(into, `${fields.length} fields where ${header.length} were expected`, false);
    return;
  }
  const row: Record<string, CsvValue> = { ...template };
  for (const { name, type, index } of columns) {
    const field = fields[index] ?? '';
    const value = parseField(field, type);
    if (value === undefined) {
      refuse(into, `column "${name}": "${field}" is no ${type}`, false);
      return;
    }
    row[name] = value;
  }
  into.kind = 'record';
  into.value = row as T;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

function parseField(field: string, type: ColumnType): CsvValue | undefined {
  if (type === 'string') return field;
  if (field === '') return null;
  if (type === 'boolean') return field === 'true' ? true : field === 'false' ? false : undefined;
  const value = NUMBER.test(field) ? Number(field) : Number.NaN;
  const isFit = type === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value);
  return isFit ? value : undefined;
}

function valuesOf(row: object, names: readonly string[] | undefined): unknown[] {
  if (names === undefined) {
    throw invalid('columns', 'there are none', 'Name the columns that are to be written');
  }
  const values = row as Readonly<Record<string, unknown>>;
  return names.map((name) => values[name]);
}

function encodeRow(values: readonly unknown[], delimiter: string): string {
  const text = values.map((value) => encodeField(value, delimiter)).join(delimiter);
  // A row of one empty field must not look like an empty line.
  return text === '' ? '""\r\n' : `${text}\r\n`;
}

function encodeField(value: unknown, delimiter: string): string {
  if (value === undefined || value === null) return '';
  const isPlain =
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    typeof value === 'bigint' ||
    (typeof value === 'number' && Number.isFinite(value));
  if (!isPlain) {
    const what = typeof value === 'number' ? String(value) : `a value of type ${typeof value}`;
    const remedy = 'Map records to strings, finite numbers, booleans and null before the sink';
    const message = `Cannot write ${what} as CSV`;
    throw new OnceproofError('OP-E205', message, { place: 'csv()', remedy });
  }
  const text = String(value);
  // U+FEFF would be taken for a byte order mark at the start of a file.
  const isSafe = !text.includes(delimiter) && !/["\r\n\ufeff]/.test(text);
  return isSafe ? text : `"${text.replaceAll('"', '""')}"`;
}
