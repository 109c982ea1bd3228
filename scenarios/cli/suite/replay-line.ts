// The command that shows a run again. It is one line that survives shells and chats, and it names
// everything that is needed: the file of a user's scenario, and the mutant if there was one.

export function replayLineOf(options: {
  readonly run: string;
  readonly files: readonly string[];
  readonly mutant?: string;
}): string {
  const { run, files, mutant } = options;
  const words = [
    'npx onceproof replay',
    ...(mutant === undefined ? [] : [`--mutants=${mutant}`]),
    ...files.map(quoted),
    run,
  ];
  return words.join(' ');
}

/** Of a repro file, which itself names what it needs. */
export function reproLineOf(path: string): string {
  return replayLineOf({ run: quoted(path), files: [] });
}

function quoted(word: string): string {
  return /^[\w./@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
