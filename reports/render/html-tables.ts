/**
 * The tables of the report: faults, sometimes-marks, mutants, cases and runs. What is missing
 * comes first: a goal never reached says more than one reached a thousand times.
 */
import { formatCount, formatDuration, formatShare, plural } from '../format.ts';
import type { Report } from '../model.ts';
import { fateOf } from '../mutation-score.ts';
import { renderLog } from './html-log.ts';
import type { Html } from './markup.ts';
import { html } from './markup.ts';

export function renderFaults({ faults, faultsTotal, recoveries }: Report): Html {
  if (faultsTotal === 0) {
    return html`<p class="empty-state">No fault fired. These runs say nothing about recovery.</p>`;
  }
  const most = faults[0]?.count ?? 1;
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Faults by kind"><table>
<caption>${formatCount(faultsTotal)} faults fired, ${formatCount(recoveries)} recoveries
 followed.</caption>
<thead><tr><th scope="col">Kind</th><th scope="col" class="num">Fired</th>
<th scope="col" class="num">Share</th><td></td></tr></thead>
<tbody>${faults.map(
    ({ name, count }) => html`<tr><th scope="row">${name}</th>
<td class="num">${formatCount(count)}</td><td class="num">${formatShare(count, faultsTotal)}</td>
<td class="wide fault">${bar(count, most)}</td></tr>`,
  )}</tbody></table></div>`;
}

export function renderSometimes({ sometimes }: Report): Html {
  if (sometimes.length === 0) return html`<p class="empty-state">No goals were declared.</p>`;
  const reached = sometimes.filter((mark) => mark.runs > 0).length;
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Sometimes goals"><table>
<caption>${reached} of ${plural(sometimes.length, 'state')} that should come up did, unreached and
 rarest first.</caption>
<thead><tr><th scope="col">State</th><th scope="col" class="num">Runs</th>
<th scope="col" class="num">Share</th><td></td><th scope="col">First run</th></tr></thead>
<tbody>${sometimes.map(
    ({ name, runs, of, first }) => html`<tr><th scope="row" class="break">${
      runs === 0 ? html`<strong class="inconclusive">○ never reached</strong><br>` : null
    }${name}</th>
<td class="num">${formatCount(runs)}</td><td class="num">${formatShare(runs, of)}</td>
<td class="wide held">${bar(runs, of)}</td>
<td class="break"><code>${first ?? '–'}</code></td></tr>`,
  )}</tbody></table></div>`;
}

export function renderMutants(report: Report): Html {
  const { mutants, mutantsKilled, mutantsScored, mutantAreas } = report;
  if (mutants.length === 0) {
    return html`<p class="empty-state">None were tried. Run with <code>--mutants</code> to see
 whether these properties can fail at all.</p>`;
  }
  const areas = mutantAreas.map(({ area, killed, of }) => `${area} ${killed} of ${of}`).join(', ');
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Mutants"><table>
<caption>${mutantsKilled} of ${mutantsScored} known-bad engines caught${
    areas === '' ? '' : `: ${areas}`
  }.</caption>
<thead><tr><th scope="col">Mutant</th><th scope="col">Outcome</th><th scope="col">Caught by</th>
<th scope="col" class="num">Seeds</th><th scope="col" class="num">95 %</th>
<th scope="col">Area</th><th scope="col">Stands for</th><th scope="col">Replay</th></tr></thead>
<tbody>${mutants.map(renderMutant)}</tbody></table></div>`;
}

function renderMutant(mutant: Report['mutants'][number]): Html {
  const { name, description, killed, mustSurvive, property, expectedProperty, seeds } = mutant;
  const { seedsP95, area, standsFor = [], operator, replay } = mutant;
  const isGood = killed !== (mustSurvive === true);
  const mark = isGood ? '✓' : '✗';
  const isExpected = expectedProperty === undefined || expectedProperty === property;
  const bugs = [...standsFor, ...(operator === undefined ? [] : [operator])];
  return html`<tr><th scope="row" class="break"><strong>${name}</strong><br>
<span class="muted">${description}</span></th>
<td class="word">${
    isGood
      ? html`<span class="held">${mark} ${fateOf(mutant)}</span>`
      : html`<strong class="violated">${mark} ${fateOf(mutant)}</strong>`
  }</td><td class="word">${property ?? '–'}${
    property === undefined || isExpected
      ? null
      : html`<br><span class="muted">expected ${expectedProperty}</span>`
  }</td>
<td class="num">${formatCount(seeds)}</td>
<td class="num">${seedsP95 === undefined ? '–' : formatCount(seedsP95)}</td>
<td class="word">${area ?? '–'}</td><td>${bugs.length === 0 ? '–' : bugs.join(', ')}</td>
<td class="break"><code>${replay ?? '–'}</code></td></tr>`;
}

export function renderCases({ cases }: Report): Html {
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Cases"><table>
<thead><tr><th scope="col">Case</th><th scope="col">Verdict</th><th scope="col" class="num">Runs
</th><th scope="col" class="num">Faults</th><th scope="col" class="num">Recoveries</th>
<th scope="col" class="num">Checkpoints</th><th scope="col" class="num">Simulated</th>
<th scope="col">A bug may remain in</th></tr></thead>
<tbody>${cases.map((summary) => {
    const { runs, planned, invalid, unknown, checkpoints } = summary;
    const missing = runs < planned ? ` of ${formatCount(planned)}` : '';
    return html`<tr><th scope="row" class="break">${summary.case}${
      summary.claim === null ? null : html`<br><span class="muted">${summary.claim}</span>`
    }</th>
<td class="word">${verdictWord(invalid, unknown, runs)}</td>
<td class="num">${formatCount(runs)}${missing}</td>
<td class="num">${formatCount(summary.faults)}</td>
<td class="num">${formatCount(summary.recoveries)}</td>
<td class="num">${formatCount(checkpoints.completed)} of ${formatCount(checkpoints.triggered)}</td>
<td class="num">${formatDuration(summary.simMs)}</td><td class="break">${summary.bound}</td></tr>
`;
  })}</tbody></table></div>`;
}

export function renderRuns({ runs }: Report, runsMax: number): Html {
  return renderLog({
    id: 'run-rows',
    label: 'Runs',
    hint: 's:invalid rocksdb not:timers',
    columns: ['run', 'verdict', 'property', 'steps', 'simMs', 'faults', 'recoveries', 'digest'],
    titles: ['Run', 'Verdict', 'Property', 'Steps', 'Sim. ms', 'Faults', 'Recoveries', 'Digest'],
    rows: runs.map((run) => [
      run.run,
      run.verdict,
      run.property,
      run.steps,
      run.simMs,
      run.faults,
      run.recoveries,
      run.digest,
    ]),
    show: 'first',
    rowsMax: runsMax,
    rest: 'results.json has every run',
  });
}

function verdictWord(invalid: number, unknown: number, runs: number): Html {
  if (invalid > 0) return html`<strong class="violated">✗ violated</strong>`;
  if (unknown > 0) return html`<span class="inconclusive">? inconclusive</span>`;
  if (runs === 0) return html`<span class="muted">○ never run</span>`;
  return html`<span class="held">✓ held</span>`;
}

function bar(part: number, whole: number): Html {
  if (part === 0 || whole === 0) return html`<span class="bar empty"></span>`;
  const width = Math.max(0.5, Number(((part / whole) * 100).toFixed(1)));
  return html`<span class="bar" style="width:${width}%"></span>`;
}
