// Words on a line: numbers, widths and wrapping for the terminal. Widths count code points, which
// is exact for everything this program prints by itself.

/** `8 400`, with no-break spaces, which screens write as plain ones: no number is ever split. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, '\u00A0');
}

export function plural(value: number, noun: string): string {
  const several = noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${count(value)} ${value === 1 ? noun : several}`;
}

/** `850ms`, `12.4s`, `3m 20s`, `2h 14m`, `5d 20h`. */
export function duration(durationMs: number): string {
  if (durationMs < 1_000) return `${Math.round(durationMs)}ms`;
  const seconds = Math.floor(durationMs / 1_000);
  if (seconds < 60) return `${(durationMs / 1_000).toFixed(1)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${seconds % 60}s`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours}h ${minutes % 60}m` : `${Math.floor(hours / 24)}d ${hours % 24}h`;
}
