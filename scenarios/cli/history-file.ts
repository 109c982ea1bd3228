// `--history <file>`: the whole history of a run in a file, as JSON or as EDN by its name, for
// somebody else to judge again. Of a run that is done more than once it is the last one's.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describeError, OnceproofError } from '../../engine/core/errors.ts';
import type { History } from '../checkers/checker.ts';
import { exportHistory } from '../history/exported-history.ts';
import { type HistoryFormat, historyFormatOf, historyText } from '../history/history-text.ts';
import type { simulate } from '../simulate.ts';

export class HistoryFile {
  readonly #path: string;
  readonly #format: HistoryFormat;
  #history: History | undefined;

  /** OP-E154 for a name that does not say which format is wanted. */
  constructor(path: string) {
    const format = historyFormatOf(path);
    if (format === undefined) throw unwritable(path, 'its name does not end in .json or .edn');
    this.#path = path;
    this.#format = format;
  }

  /** The same, with its history kept. */
  keeping(run: typeof simulate): typeof simulate {
    return (options) =>
      run({
        ...options,
        onHistory: (history) => {
          this.#history = history;
        },
      });
  }

  /** OP-E154 where that is not possible. */
  write(run: string): void {
    if (this.#history === undefined) throw unwritable(this.#path, 'the run has none');
    const text = historyText(exportHistory(run, this.#history), this.#format);
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      writeFileSync(this.#path, text);
    } catch (error) {
      throw unwritable(this.#path, describeError(error));
    }
  }
}

function unwritable(path: string, why: string): OnceproofError {
  return new OnceproofError('OP-E154', `Cannot write the history to "${path}": ${why}`, {
    place: path,
    remedy: 'Name a file that ends in .json or .edn, where it may be written',
  });
}
