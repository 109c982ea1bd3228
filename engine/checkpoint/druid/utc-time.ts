// Moments in UTC as ISO 8601 has them, to the millisecond, by the calendar's own rules: there is no
// time zone, and no clock, in it. Years from 1970 to 99999.

const DAY_MS = 86_400_000;
const ISO_TIME = /^(\d{4,5})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?Z$/;

export function isoTime(ms: number): string {
  const { year, month, day } = dateOf(Math.floor(ms / DAY_MS));
  const seconds = Math.floor((ms % DAY_MS) / 1000);
  const [hour, minute] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const date = `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`;
  const time = `${padded(hour, 2)}:${padded(minute, 2)}:${padded(seconds % 60, 2)}`;
  return `${date}T${time}.${padded(ms % 1000, 3)}Z`;
}

/** Undefined for what is no such moment. */
export function millisOf(text: string): number | undefined {
  const parts = ISO_TIME.exec(text);
  if (parts === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0] = parts
    .slice(1)
    .map((part: string | undefined) => Number(part ?? '0'));
  const days = daysBefore(year, month) + day - 1;
  return days * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 + ms;
}

/** From 1970 to the first of the month. Years begin in March here, so that leap days come last. */
function daysBefore(year: number, month: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const century = Math.floor(shifted / 100);
  const monthDays = Math.floor((153 * ((month + 9) % 12) + 2) / 5);
  const leapDays = Math.floor(shifted / 4) - century + Math.floor(century / 4);
  return shifted * 365 + leapDays + monthDays - 719_468;
}

function dateOf(days: number): { year: number; month: number; day: number } {
  // Within a day or two of 365.2425 days a year; corrected by looking.
  let year = 1970 + Math.floor(days / 365.2425);
  if (daysBefore(year, 1) > days) year -= 1;
  if (daysBefore(year + 1, 1) <= days) year += 1;
  let month = 12;
  while (daysBefore(year, month) > days) month -= 1;
  return { year, month, day: days - daysBefore(year, month) + 1 };
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
