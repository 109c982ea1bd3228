// Progress on a terminal: a block at the bottom that is drawn again, at most ten times a second. It
// is gone when the suite ends; what stays is printed by others.

import type { CaseTally, Tally } from '../suite/tally.ts';
import { faultFamilies } from './families.ts';
import type { Screen } from './screen.ts';
import { padTo, widthOf } from './lay-out.ts';
import { count, duration } from './text.ts';

const REDRAW_MS = 100;
const BAR_WIDTH = 40;

export class LiveBlock {
  readonly #screen: Screen;
  readonly #tally: Tally;
  readonly #timer: NodeJS.Timeout;
  #drawnLines = 0;

  constructor(screen: Screen, tally: Tally) {
    this.#screen = screen;
    this.#tally = tally;
    this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
    this.#timer.unref();
  }

  /** Something that stays, above the block. */
  line(text: string): void {
    this.#erase();
    this.#screen.write(`${text}\n`);
  }

  onRun(): void {}

  finish(): void {
    clearInterval(this.#timer);
    this.#erase();
  }

  #draw(): void {
    const { columns, rows } = this.#screen;
    const lines = liveLines(this.#tally, this.#screen, rows - 2);
    const cut = lines.filter((line) => widthOf(line) < columns || line === '');
    this.#erase();
    this.#screen.write(`${cut.join('\n')}\n`);
    this.#drawnLines = cut.length;
  }

  #erase(): void {
    if (this.#drawnLines > 0) this.#screen.write(`\u001B[${this.#drawnLines}A\u001B[0J`);
    this.#drawnLines = 0;
  }
}

/** Exported for tests: the block as it stands now. */
export function liveLines(tally: Tally, screen: Screen, linesMax: number): string[] {
  const totals = totalLines(tally, screen);
  return [
    ...scenarioLines(tally, screen, Math.max(2, linesMax - totals.length - 1)),
    '',
    ...totals,
  ];
}

interface ScenarioTally {
  readonly id: string;
  readonly cases: readonly CaseTally[];
  readonly runs: number;
  readonly failed: number;
}

function scenarioLines(tally: Tally, screen: Screen, linesMax: number): string[] {
  const scenarios = scenarioTallies(tally);
  const isDone = ({ cases }: ScenarioTally): boolean =>
    cases.every(({ runs }) => runs >= tally.seedsOfCase);
  const busy = scenarios.filter((scenario) => scenario.runs > 0 && !isDone(scenario));
  const broken = scenarios.filter((scenario) => isDone(scenario) && scenario.failed > 0);
  const done = scenarios.filter((scenario) => isDone(scenario) && scenario.failed === 0);
  const width = Math.max(...scenarios.map(({ id }) => id.length));
  const lines = [...broken, ...busy].map((scenario) =>
    scenarioLine(tally, scenario, screen, width),
  );
  const runs = done.reduce((sum, scenario) => sum + scenario.runs, 0);
  const doneText = padTo(`${done.length} of ${scenarios.length} scenarios done`, width);
  const head = ` ${screen.paint('green', '✓')} ${doneText}  ${count(runs).padStart(9)} runs`;
  const shown = lines.slice(-(linesMax - 1));
  return [...(done.length > 0 ? [head] : []), ...shown];
}

function scenarioTallies({ cases }: Tally): ScenarioTally[] {
  const byId = new Map<string, CaseTally[]>();
  for (const one of cases.values()) {
    const { id } = one.case.entry.scenario;
    byId.set(id, [...(byId.get(id) ?? []), one]);
  }
  return [...byId].map(([id, group]) => ({
    id,
    cases: group,
    runs: group.reduce((sum, { runs }) => sum + runs, 0),
    failed: group.reduce((sum, { failed }) => sum + failed, 0),
  }));
}

function scenarioLine(
  tally: Tally,
  scenario: ScenarioTally,
  screen: Screen,
  width: number,
): string {
  const { id, cases, runs, failed } = scenario;
  const backends = cases.map((one) => (one.runs > 0 ? one.case.backend : '···')).join(' ');
  const all = tally.seedsOfCase * cases.length;
  const of = Number.isFinite(all) ? `/${count(all)}` : '';
  const ids = tally.findings.filter((finding) => finding.scenario === id).map((one) => one.id);
  const glyph = failed > 0 ? screen.paint('red', '✗') : screen.paint('cyan', '▶');
  const found = ids.length === 0 ? '' : screen.paint('red', `  ${ids.join(' ')}`);
  return ` ${glyph} ${padTo(id, width)}  ${padTo(backends, 12)} ${count(runs)}${of}${found}`;
}

function totalLines(tally: Tally, screen: Screen): string[] {
  const { runs, planned, simMs, recoveries, findings, sometimes } = tally;
  const wallMs = Math.max(1, performance.now() - tally.startedMs);
  const families = faultFamilies(tally.faults).map(([name, times]) => `${name} ${count(times)}`);
  const ratio = count(Math.round(simMs / wallMs));
  const speed = `${ratio} × real time, ${Math.round((runs * 1_000) / wallMs)} runs/s`;
  const names = findings.map(({ id, property }) => `${id} ${property}`).slice(0, 3);
  const found = screen.paint('red', `${findings.length}  ${names.join(', ')}`);
  const of = planned === undefined ? '' : ` / ${count(planned)}`;
  return [
    ` runs       ${count(runs)}${of}${bar(tally, wallMs)}`,
    ` simulated  ${duration(simMs)} in ${duration(wallMs)}  (${speed})`,
    ` faults     ${count(tally.faultsTotal)}  ${families.join(' · ')}`,
    ` recovered  ${count(recoveries)}`,
    ` sometimes  ${count(sometimes.size)} reached`,
    ` findings   ${findings.length === 0 ? '0' : found}`,
  ];
}

function bar({ runs, planned }: Tally, wallMs: number): string {
  if (planned === undefined || planned === 0) return '';
  const share = Math.min(1, runs / planned);
  const filled = Math.floor(share * BAR_WIDTH);
  const left = runs === 0 ? '' : `   ${duration((wallMs / runs) * (planned - runs))} left`;
  const line = `${'━'.repeat(filled)}${filled < BAR_WIDTH ? '╸' : ''}`;
  return `  ${padTo(line, BAR_WIDTH).replaceAll(' ', '─')}  ${Math.floor(share * 100)} %${left}`;
}
