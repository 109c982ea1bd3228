// Virtual times for people: `1,204 ms`, the same in every locale.

export function ms(value: number): string {
  return `${String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',')} ms`;
}
