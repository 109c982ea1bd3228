// Where the commands of a debugger come from: a person at a terminal, or lines of standard input.

import { createInterface } from 'node:readline';
import { type Debugger, PROMPT } from './debugger.ts';

/** Ends with `q`, or where the input does. */
export async function takeCommands(debugged: Debugger): Promise<void> {
  const isTty = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const lines = createInterface({
    input: process.stdin,
    terminal: isTty,
    ...(isTty ? { output: process.stdout } : {}),
  });
  const ask = (): void => {
    if (!isTty) return;
    lines.setPrompt(PROMPT);
    lines.prompt();
  };
  ask();
  try {
    for await (const line of lines) {
      if (!(await debugged.command(line))) break;
      ask();
    }
  } finally {
    lines.close();
    // An open terminal would keep the process alive.
    process.stdin.pause();
  }
}
