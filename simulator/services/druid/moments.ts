// Moments as Druid writes and reads them, in UTC: `2000-01-01T00:00:00.000Z`. Written for the
// server side alone: what the engine's client thinks of them is checked against this.

const DAY_MS = 86_400_000;
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const MOMENT = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?Z?)?$/;
/** 400 years of the calendar repeat. */
const CYCLE_DAYS = 146_097;

/** Undefined for what is no moment. */
export function parseMoment(text: string): number | undefined {
  const parts = MOMENT.exec(text);
  if (parts === null) return undefined;
  const numbers = parts.slice(1).map((part: string | undefined) => Number(part ?? '0'));
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0] = numbers;
  let days = day - 1;
  const cycles = Math.floor((year - 1970) / 400);
  for (let before = 1970 + cycles * 400; before < year; before++)
    days += isLeap(before) ? 366 : 365;
  for (let before = 1; before < month; before++) days += daysIn(year, before);
  const date = (days + cycles * CYCLE_DAYS) * DAY_MS;
  return date + ((hour * 60 + minute) * 60 + second) * 1000 + ms;
}

export function momentOf(ms: number): string {
  let left = Math.floor(ms / DAY_MS);
  let year = 1970 + Math.floor(left / CYCLE_DAYS) * 400;
  left %= CYCLE_DAYS;
  for (let size = yearDays(year); left >= size; size = yearDays(year)) {
    left -= size;
    year += 1;
  }
  let month = 1;
  for (let size = daysIn(year, month); left >= size; size = daysIn(year, month)) {
    left -= size;
    month += 1;
  }
  const seconds = Math.floor((ms % DAY_MS) / 1000);
  const time = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const date = `${padded(year, 4)}-${padded(month, 2)}-${padded(left + 1, 2)}`;
  return `${date}T${time.map((part) => padded(part, 2)).join(':')}.${padded(ms % 1000, 3)}Z`;
}

function yearDays(year: number): number {
  return isLeap(year) ? 366 : 365;
}

function daysIn(year: number, month: number): number {
  return month === 2 && isLeap(year) ? 29 : (MONTH_DAYS[month - 1] ?? 31);
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
