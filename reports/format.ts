/**
 * Numbers and times as people read them, the same in every rendering.
 * Nothing here depends on a locale or a time zone.
 */

/** `8 400`, with no-break spaces, so that a number is never split over two lines. */
export function formatCount(value: number): string {
  const [whole = '', fraction] = String(value).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, '\u00A0');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** `5d 20h`, `2h 14m`, `3m 20s`, `12.431s`, `850ms`: the two units that matter. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1_000) return `${Math.round(durationMs)}ms`;
  const seconds = Math.floor(durationMs / 1_000);
  if (seconds < 60) return `${(durationMs / 1_000).toFixed(durationMs < 10_000 ? 2 : 1)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${seconds % 60}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h ${minutes % 60}m`;
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** `12.431s`: simulated time inside one run, to the millisecond. */
export function formatTime(timeMs: number): string {
  return `${(timeMs / 1_000).toFixed(3)}s`;
}

/** `1 finding`, `0 findings`, `8 400 runs`. */
export function plural(count: number, noun: string): string {
  const several = noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${formatCount(count)} ${count === 1 ? noun : several}`;
}

/** `97 %`, `0.4 %`, `< 0.1 %`; never 0 % or 100 % for something that is not. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return '–';
  const percent = (part / whole) * 100;
  if (part > 0 && percent < 0.1) return '<\u00A00.1\u00A0%';
  if (part < whole && percent > 99.9) return '>\u00A099.9\u00A0%';
  return `${percent < 10 ? Number(percent.toFixed(1)) : Math.round(percent)}\u00A0%`;
}
