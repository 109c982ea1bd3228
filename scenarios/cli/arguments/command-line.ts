// Turns the words of a command line into a verb with raw values, by commander. What it guarantees:
// a mistake gives one OnceproofError with the nearest match, and nothing is ever exited from here.

import { Command, CommanderError, Option } from 'commander';
import { OnceproofError } from '../../../engine/core/errors.ts';
import { didYouMean } from '../nearest.ts';
import {
  CHECKPOINT_FLAGS,
  type Flag,
  LIST_FLAGS,
  ONE_RUN_FLAGS,
  REPORT_FLAGS,
  RUN_FLAGS,
} from './flags.ts';

export type Verb =
  | 'run'
  | 'replay'
  | 'shrink'
  | 'diff'
  | 'why'
  | 'list'
  | 'describe'
  | 'report'
  | 'checkpoint';

/** What was typed: values as text, true or false; absent where nothing was typed. */
export interface ParsedLine {
  readonly verb: Verb;
  readonly words: readonly string[];
  readonly typed: ReadonlyMap<string, string | boolean>;
}

export type CommandLine =
  | ({ readonly kind: 'command' } & ParsedLine)
  /** Help or the version: nothing to do but print it. */
  | { readonly kind: 'text'; readonly text: string };

interface VerbDefinition {
  readonly verb: Verb;
  readonly words: string;
  readonly summary: string;
  readonly flags: readonly Flag[];
}

const VERBS: readonly VerbDefinition[] = [
  {
    verb: 'run',
    words: '[filter...]',
    summary: 'run scenarios; a filter is an id, a glob on ids, or a scenario file',
    flags: RUN_FLAGS,
  },
  {
    verb: 'replay',
    words: '[what...]',
    summary: 'run one run again: scenario@backend#seed, F1, latest, a repro file',
    flags: ONE_RUN_FLAGS.replay,
  },
  {
    verb: 'shrink',
    words: '[what...]',
    summary: 'make a failing run as small as can be: scenario@backend#seed, F1, a repro file',
    flags: ONE_RUN_FLAGS.shrink,
  },
  {
    verb: 'diff',
    words: '[what...]',
    summary: 'where two runs part, and how they end; or one run and the same on a mutant',
    flags: ONE_RUN_FLAGS.diff,
  },
  {
    verb: 'why',
    words: '[what...]',
    summary: 'from which step on a failure was unavoidable, and what made it so',
    flags: ONE_RUN_FLAGS.why,
  },
  {
    verb: 'list',
    words: '[what] [file...]',
    summary: 'what exists: scenarios, properties, faults, backends, mutants, findings, runs',
    flags: LIST_FLAGS,
  },
  {
    verb: 'describe',
    words: '<id> [file...]',
    summary: 'everything about a scenario, a property, a fault or a mutant',
    flags: LIST_FLAGS,
  },
  {
    verb: 'report',
    words: '[directory...]',
    summary: 'render the reports again from stored results',
    flags: REPORT_FLAGS,
  },
  {
    verb: 'checkpoint',
    words: '[what] [place...]',
    summary: 'verify, list or inspect the checkpoints in a directory or at a URL',
    flags: CHECKPOINT_FLAGS,
  },
];

export function parseCommandLine(argv: readonly string[], version: string): CommandLine {
  const words = withVerb(argv);
  let printed = '';
  let parsed: ParsedLine | undefined;
  const program = new Command('onceproof')
    .description('Proves that stateful stream processing recovers exactly once.')
    .version(version, '-V, --version')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        printed += text;
      },
      writeErr: () => undefined,
    });
  for (const definition of VERBS) {
    const command = program.command(`${definition.verb} ${definition.words}`);
    command
      .summary(definition.summary)
      .description(definition.summary)
      .showSuggestionAfterError(false);
    for (const flag of definition.flags) addFlag(command, flag);
    command.action(() => {
      parsed = { verb: definition.verb, words: command.args, typed: typedValues(command) };
    });
  }
  try {
    program.parse(prepare(words), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'text', text: printed };
    throw usageError(error, words);
  }
  if (parsed === undefined) throw new OnceproofError('OP-E111', 'Cannot tell what to do');
  return { kind: 'command', ...parsed };
}

/** `run` may be left out before a filter or a flag, but not before a word that is neither. */
function withVerb(argv: readonly string[]): readonly string[] {
  const [first] = argv;
  if (first === undefined) return ['run'];
  if (VERBS.some(({ verb }) => verb === first)) return argv;
  if (/^(-h|--help|-V|--version)$/.test(first)) return argv;
  if (first === 'help') return [...argv.slice(1, 2), '--help'];
  if (first.startsWith('-') || /[/*@.]/.test(first)) return ['run', ...argv];
  const verbs = VERBS.map(({ verb }) => verb);
  const guess = didYouMean(first, verbs);
  throw new OnceproofError('OP-E111', `Cannot find command "${first}"${guess}`, {
    remedy: `Use one of ${verbs.join(', ')}; see "onceproof --help"`,
  });
}

/** A flag whose value may be left out gets it here, so that it never swallows the next word. */
function prepare(words: readonly string[]): string[] {
  const flags = VERBS.find(({ verb }) => verb === words[0])?.flags ?? [];
  return words.map((word, index) => {
    // `-1` is a name of the latest run; commander would take it for a flag.
    if (word === '-1' && isAboutOneRun(words[0])) return 'latest';
    const bare = flags.find((flag) => `--${flag.name}` === word)?.bare;
    return bare === undefined || bare.isValue.test(words[index + 1] ?? '')
      ? word
      : `${word}=${bare.means}`;
  });
}

function isAboutOneRun(verb: string | undefined): boolean {
  return Object.keys(ONE_RUN_FLAGS).some((one) => one === verb);
}

function addFlag(command: Command, flag: Flag): void {
  const short = flag.short === undefined ? '' : `-${flag.short}, `;
  if (flag.value === undefined) {
    command.addOption(new Option(`${short}--${flag.name}`, flag.text));
    command.addOption(new Option(`--no-${flag.name}`).hideHelp());
    return;
  }
  // A list takes one word each time: a greedy one would swallow the filters.
  const value = flag.value.replace('...', '');
  const option = new Option(`${short}--${flag.name} ${value}`, flag.text);
  if (flag.isList === true) {
    option.argParser((text: string, before: string | undefined) => {
      return before === undefined ? text : `${before},${text}`;
    });
  }
  command.addOption(option);
}

function typedValues(command: Command): Map<string, string | boolean> {
  const typed = new Map<string, string | boolean>();
  for (const option of command.options) {
    const attribute = option.attributeName();
    if (command.getOptionValueSource(attribute) !== 'cli') continue;
    const value: unknown = command.getOptionValue(attribute);
    if (typeof value === 'string' || typeof value === 'boolean') {
      typed.set(option.name().replace(/^no-/, ''), value);
    }
  }
  return typed;
}

function usageError(error: CommanderError, words: readonly string[]): OnceproofError {
  const verb = VERBS.find((definition) => definition.verb === words[0]);
  const help = { remedy: `See "onceproof ${verb?.verb ?? ''} --help"`.replace(' -', ' -') };
  const [, quoted = ''] = /'([^']*)'/.exec(error.message) ?? [];
  const name = quoted.split(/[ =,]/)[0] ?? '';
  if (error.code === 'commander.unknownOption') {
    const known = (verb?.flags ?? []).flatMap((flag) => [`--${flag.name}`, `--no-${flag.name}`]);
    const guess = name.startsWith('--') ? didYouMean(name, known) : '';
    return new OnceproofError('OP-E110', `Cannot use flag "${name}": it is unknown${guess}`, help);
  }
  if (error.code === 'commander.optionMissingArgument') {
    const flag = /--[a-z-]+/.exec(quoted)?.[0] ?? name;
    return new OnceproofError('OP-E113', `Cannot use flag "${flag}": its value is missing`, help);
  }
  const cause = error.message.replace(/^error: /, '');
  return new OnceproofError('OP-E113', `Cannot use the arguments: ${cause}`, help);
}
