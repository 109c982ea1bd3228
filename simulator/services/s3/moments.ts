// Moments as S3 writes them, all in UTC, from the simulated wall clock of the server.

const DAY_MS = 86_400_000;
const WEEKDAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const AMZ_DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** `Sun, 13 Sep 2020 12:26:40 GMT`. */
export function httpDate(wallTimeMs: number): string {
  const days = Math.floor(wallTimeMs / DAY_MS);
  const { year, month, day } = dateOf(days);
  const name = `${WEEKDAYS[days % 7] ?? ''}, ${two(day)} ${MONTHS[month - 1] ?? ''} ${year}`;
  return `${name} ${timeOf(wallTimeMs)} GMT`;
}

/** `2020-09-13T12:26:40.000Z`. */
export function isoDate(wallTimeMs: number): string {
  const { year, month, day } = dateOf(Math.floor(wallTimeMs / DAY_MS));
  const fraction = String(wallTimeMs % 1000).padStart(3, '0');
  return `${year}-${two(month)}-${two(day)}T${timeOf(wallTimeMs)}.${fraction}Z`;
}

/** Of `20200913T122640Z`; undefined for anything else. */
export function parseAmzDate(text: string): number | undefined {
  const parts = AMZ_DATE.exec(text);
  if (parts === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(1)
    .map(Number);
  let days = day - 1;
  for (let before = 1970; before < year; before += 1) days += isLeap(before) ? 366 : 365;
  for (let before = 1; before < month; before += 1) days += daysIn(year, before);
  return days * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000;
}

function dateOf(days: number): { year: number; month: number; day: number } {
  let year = 1970;
  let left = days;
  for (let size = 365; left >= size; size = isLeap(year) ? 366 : 365) {
    left -= size;
    year += 1;
  }
  let month = 1;
  for (; left >= daysIn(year, month); month += 1) left -= daysIn(year, month);
  return { year, month, day: left + 1 };
}

function timeOf(wallTimeMs: number): string {
  const seconds = Math.floor((wallTimeMs % DAY_MS) / 1000);
  const parts = [seconds / 3600, (seconds / 60) % 60, seconds % 60];
  return parts.map((part) => two(Math.floor(part))).join(':');
}

function daysIn(year: number, month: number): number {
  return (MONTH_DAYS[month - 1] ?? 0) + (month === 2 && isLeap(year) ? 1 : 0);
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
