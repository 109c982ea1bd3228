// The frame around a suite: the root seed, the first lines of the log and the last, the reports,
// and what is printed at the end. What happens in between is somebody else's.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type SuiteStart, summarize } from '../../../reports/index.ts';
import { renderReports } from '../../../reports/writers/index.ts';
import type { FileReporter, Reporter, RunSettings } from '../arguments/run-settings.ts';
import type { Context, Screens } from '../context.ts';
import { type ExitCode, worstExit } from '../exit-codes.ts';
import { printEnd } from '../output/print-end.ts';
import { EventStream } from './event-stream.ts';
import type { FindingBook } from './finding-book.ts';
import { type GitState, readGitState } from './git.ts';
import type { SuiteJudgement } from './judge-suite.ts';
import type { Case } from './select.ts';

export interface SessionOptions {
  readonly context: Context;
  readonly settings: RunSettings;
  readonly screens: Screens;
}

export interface SessionEnd {
  readonly judgement: SuiteJudgement;
  readonly runs: number;
  readonly nondeterministic: number;
  readonly isInterrupted: boolean;
  readonly book: FindingBook;
  readonly cases: readonly Case[];
  readonly troubles: readonly string[];
}

const FILE_REPORTERS: readonly FileReporter[] = ['html', 'junit', 'markdown', 'json'];

export class Session {
  readonly root: string;
  readonly git: GitState | null;
  readonly events: EventStream;
  readonly reporters: readonly Reporter[];
  readonly startedMs = performance.now();
  readonly #options: SessionOptions;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { context, settings, screens } = options;
    this.git = readGitState();
    this.root = settings.root ?? defaultRoot(context, this.git);
    this.reporters = reportersOf(options);
    this.events = new EventStream(join(settings.out, 'events.ndjson'), screens.printJson);
  }

  /** The first line of the log. */
  start(planned: { readonly cases: number; readonly runs: number }): void {
    this.events.emit(this.#suiteStart(planned));
  }

  startCases(cases: readonly Case[], seeds: number): void {
    for (const { id, entry, backend } of cases) {
      const { scenario, checkers, source } = entry;
      this.events.emit({
        v: 1,
        type: 'case.start',
        case: id,
        scenario: scenario.id,
        backend,
        seeds,
        ...(source === undefined ? {} : { file: source.file, line: source.line }),
        claim: scenario.claim,
        properties: checkers.map(({ name }) => name),
      });
    }
  }

  /** Ends the log, renders the reports, prints the end; returns the exit code. */
  async end(end: SessionEnd): Promise<ExitCode> {
    const { settings, context, screens } = this.#options;
    const wallMs = Math.round(performance.now() - this.startedMs);
    this.events.emit({
      v: 1,
      type: 'suite.end',
      verdict: end.judgement.verdict,
      exit: end.judgement.exit,
      runs: end.runs,
      findings: end.book.entries.length,
      nondeterministic: end.nondeterministic,
      ...(settings.stable ? {} : { wallMs }),
      ...(end.isInterrupted ? { interrupted: true } : {}),
    });
    this.events.close();
    const written = await this.#render();
    const exit = worstExit([
      end.judgement.exit,
      ...(written.troubles.length > 0 ? [7 as const] : []),
    ]);
    printEnd({
      report: summarize({ events: this.events.events, problems: [] }),
      book: end.book,
      cases: end.cases,
      screens,
      settings,
      environment: context.environment,
      reporters: this.reporters,
      exit,
      wallMs,
      reportPath: written.html,
      troubles: [...end.troubles, ...written.troubles],
    });
    return exit;
  }

  #suiteStart(planned: { readonly cases: number; readonly runs: number }): SuiteStart {
    const { settings, context } = this.#options;
    const { shard, profile } = settings;
    return {
      v: 1,
      type: 'suite.start',
      onceproof: context.version,
      root: this.root,
      git: this.git,
      cases: planned.cases,
      runs: planned.runs,
      profile,
      shard: shard === undefined ? null : `${shard.index}/${shard.count}`,
      argv: settings.stable ? withoutMachine(context.argv) : context.argv,
      node: process.versions.node,
      platform: `${process.platform}-${process.arch}`,
    };
  }

  async #render(): Promise<{ html: string | undefined; troubles: string[] }> {
    const { settings, context } = this.#options;
    const formats = FILE_REPORTERS.filter((format) => this.reporters.includes(format));
    const lost = this.events.failure;
    if (lost !== undefined) return { html: undefined, troubles: [failureText(lost)] };
    const { files, failures } = await renderReports({
      events: join(settings.out, 'events.ndjson'),
      out: join(settings.out, 'report'),
      formats,
      environment: context.environment,
    });
    const html = files.find(({ format }) => format === 'html') ?? files[0];
    return { html: html?.path, troubles: failures.map(failureText) };
  }
}

function failureText({
  code,
  cause,
  path,
  remedy,
}: {
  readonly code: string;
  readonly cause: string;
  readonly path: string;
  readonly remedy: string;
}): string {
  return `${code} ${cause}: ${path}. ${remedy}`;
}

/** In CI each commit explores seeds of its own, and yet the commit alone reproduces them. */
function defaultRoot({ environment }: Context, git: GitState | null): string {
  const isCi = environment['CI'] !== undefined && environment['CI'] !== 'false';
  const sha = environment['GITHUB_SHA'] ?? git?.sha;
  if (isCi && sha !== undefined && /^[0-9a-f]{16}/.test(sha)) return sha.slice(0, 16);
  return randomBytes(8).toString('hex');
}

/** What may differ between two runs that are to be compared. */
function withoutMachine(argv: readonly string[]): readonly string[] {
  return argv.filter((word, index) => {
    const before = argv[index - 1] ?? '';
    const isValue = /^(-j|--workers|-o|--out)$/.test(before);
    return !isValue && !/^(-j\S*|--workers(=.*)?|-o\S*|--out(=.*)?)$/.test(word);
  });
}

function reportersOf({ context, settings, screens }: SessionOptions): readonly Reporter[] {
  const { environment } = context;
  const isAgent = environment['AI_AGENT'] !== undefined;
  const progress: Reporter = isAgent ? 'brief' : screens.progress.canRedraw ? 'live' : 'lines';
  const github: readonly Reporter[] =
    environment['GITHUB_ACTIONS'] === 'true' ? ['lines', 'github'] : [progress];
  return [...(settings.reporters ?? [...github, ...FILE_REPORTERS]), ...settings.addedReporters];
}
