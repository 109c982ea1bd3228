// The three forms in which S3 writes moments, all in UTC, from and to milliseconds since 1970. By
// arithmetic of our own: the language's dates would tie what runs here to the machine's clock.

const DAY_MS = 86_400_000;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const HTTP_DATE = /^[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/;
const ISO_DATE = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,3})\d*)?Z$/;

/** `20150830T123600Z`, as a signature has it. */
export function amzDate(wallTimeMs: number): string {
  const days = Math.floor(wallTimeMs / DAY_MS);
  const seconds = Math.floor((wallTimeMs - days * DAY_MS) / 1000);
  const { year, month, day } = civilDate(days);
  const date = digits(year, 4) + digits(month, 2) + digits(day, 2);
  const time = [seconds / 3600, (seconds / 60) % 60, seconds % 60];
  return `${date}T${time.map((part) => digits(Math.floor(part), 2)).join('')}Z`;
}

/** `Sun, 06 Nov 1994 08:49:37 GMT`, as in the Date header. */
export function parseHttpDate(text: string): number | undefined {
  const [, day = '', name = '', year = '', hour = '', minute = '', second = ''] =
    HTTP_DATE.exec(text) ?? [];
  const month = MONTHS.indexOf(name) + 1;
  if (month === 0) return undefined;
  return (
    daysOf(Number(year), month, Number(day)) * DAY_MS +
    timeOf(Number(hour), Number(minute), Number(second))
  );
}

/** `2010-11-10T20:48:33.000Z`, as in XML. */
export function parseIsoDate(text: string): number | undefined {
  const parts = ISO_DATE.exec(text);
  if (parts === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(1, 7)
    .map(Number);
  const fraction = Number((parts[7] ?? '').padEnd(3, '0'));
  return daysOf(year, month, day) * DAY_MS + timeOf(hour, minute, second) + fraction;
}

function timeOf(hour: number, minute: number, second: number): number {
  return ((hour * 60 + minute) * 60 + second) * 1000;
}

/**
 * Years begin in March here, so that the leap day is the last day of one: then the days before a
 * month are (153 m + 2) / 5, and 400 years are always 146,097 days.
 */
function daysOf(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * 146_097 + yearOfEra * 365 + leapDays + dayOfYear - 719_468;
}

function civilDate(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return { year, month, day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1 };
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, '0');
}
