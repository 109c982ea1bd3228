// Digests of keyed state add up entry by entry, so those of all subtasks add up to one that does
// not depend on how the keys were dealt out. `<count>:<two words of 32 bits in hexadecimal>`.

const DIGEST = /^([0-9]+):([0-9a-f]{8})([0-9a-f]{8})$/;

/** One of another form is kept as it is: then only equal lists of digests have equal sums. */
export function addDigests(digests: readonly string[]): string {
  let count = 0;
  let high = 0;
  let low = 0;
  const others: string[] = [];
  for (const digest of digests) {
    const match = DIGEST.exec(digest);
    if (match === null) {
      others.push(digest);
      continue;
    }
    count += Number(match[1]);
    high = (high + Number.parseInt(match[2] ?? '', 16)) >>> 0;
    low = (low + Number.parseInt(match[3] ?? '', 16)) >>> 0;
  }
  const sum = `${count}:${hex(high)}${hex(low)}`;
  return [sum, ...others.sort()].join(' ');
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0');
}
