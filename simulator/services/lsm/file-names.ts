// The names of a store's files.

export const CURRENT = 'CURRENT';
const NUMBER_DIGITS = 6;
const OWN_NAME = /^(\d+\.sst|MANIFEST-\d+|CURRENT(\.new)?)$/;

export function tableName(number: number): string {
  return `${String(number).padStart(NUMBER_DIGITS, '0')}.sst`;
}

export function manifestName(number: number): string {
  return `MANIFEST-${String(number).padStart(NUMBER_DIGITS, '0')}`;
}

/** Whether a file of this name belongs to a store. */
export function isStoreFile(name: string): boolean {
  return OWN_NAME.test(name);
}
