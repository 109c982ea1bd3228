// The command line: the composition root. It finds the verb, carries it out and sets the exit code.
// It never calls process.exit: what was written to a pipe must arrive whole.

import { readFileSync } from 'node:fs';
import { describeError } from '../../engine/core/errors.ts';
import { parseCommandLine, type ParsedLine } from './arguments/command-line.ts';
import type { Context } from './context.ts';
import { type ExitCode, exitCodeOf, meaningOf } from './exit-codes.ts';

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

/** Each verb is loaded when it is asked for: a replay must load no engine before its mutant. */
async function carryOut(line: ParsedLine, context: Context): Promise<ExitCode> {
  switch (line.verb) {
    case 'run':
      return (await import('./verbs/run.ts')).runVerb(line, context);
    case 'replay':
      return (await import('./verbs/replay.ts')).replayVerb(line, context);
    case 'shrink':
      return (await import('./verbs/shrink.ts')).shrinkVerb(line, context);
    case 'diff':
      return (await import('./verbs/diff.ts')).diffVerb(line, context);
    case 'why':
      return (await import('./verbs/why.ts')).whyVerb(line, context);
    case 'list':
      return (await import('./verbs/list.ts')).listVerb(line, context);
    case 'describe':
      return (await import('./verbs/describe.ts')).describeVerb(line, context);
    case 'report':
      return (await import('./verbs/report.ts')).reportVerb(line, context);
    case 'checkpoint':
      return (await import('./verbs/checkpoint.ts')).checkpointVerb(line, context);
  }
}

async function main(): Promise<ExitCode> {
  const context = { argv: process.argv.slice(2), environment: process.env, version: readVersion() };
  try {
    const line = parseCommandLine(context.argv, context.version);
    if (line.kind === 'command') return await carryOut(line, context);
    process.stdout.write(line.text);
    return 0;
  } catch (error) {
    const exit = exitCodeOf(error);
    process.stderr.write(`${describeError(error)}\n`);
    const wantsStack = exit === 70 || context.environment['ONCEPROOF_DEBUG'] === '1';
    if (wantsStack && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
    process.stderr.write(` exit ${exit}: ${meaningOf(exit)}\n`);
    return exit;
  }
}

process.exitCode = await main();
