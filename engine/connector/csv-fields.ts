// Where CSV records and fields begin and end (RFC 4180): quotes open only at the start of a field,
// two quotes inside stand for one, line breaks inside quotes belong to the field. Stricter than
// most readers on purpose: a stray quote is reported, not guessed at.

const NEWLINE = 0x0a;
const QUOTE = 0x22;

/** Behind the line break that ends the record which starts at `from`; -1 if there is none. */
export function endOfCsvRecord(
  bytes: Uint8Array,
  from: number,
  to: number,
  delimiter: number,
): number {
  let isQuoted = false;
  let isFieldStart = true;
  let closedAt = -1;
  for (let at = from; at < to; at++) {
    const byte = bytes[at];
    if (byte === QUOTE && isQuoted) {
      isQuoted = false;
      closedAt = at;
    } else if (byte === QUOTE && (isFieldStart || closedAt === at - 1)) {
      // Right behind a closing quote it was an escaped one, and the field goes on.
      isQuoted = true;
    } else if (byte === NEWLINE && !isQuoted) return at + 1;
    isFieldStart = byte === delimiter;
  }
  return -1;
}

/** The fields of one record, or what is wrong with it. */
export function splitCsvRecord(text: string, delimiter: string): string[] | string {
  if (!text.includes('"')) return text.split(delimiter);
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    const end = text[at] === '"' ? endOfQuoted(text, at) : endOfPlain(text, at, delimiter);
    if (end < 0) return 'a quoted field has no end';
    const field = text.slice(at, end);
    if (text[at] === '"') fields.push(field.slice(1, -1).replaceAll('""', '"'));
    else if (field.includes('"')) return `a quote inside the unquoted field ${fields.length + 1}`;
    else fields.push(field);
    if (end === text.length) return fields;
    if (text[end] !== delimiter) return `text behind the quoted field ${fields.length}`;
    at = end + 1;
  }
}

function endOfPlain(text: string, start: number, delimiter: string): number {
  const end = text.indexOf(delimiter, start);
  return end < 0 ? text.length : end;
}

/** Behind the closing quote; -1 if there is none. */
function endOfQuoted(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1);
  while (quote >= 0 && text[quote + 1] === '"') quote = text.indexOf('"', quote + 2);
  return quote < 0 ? -1 : quote + 1;
}
