/**
 * The script of the report. It only upgrades what is already on the page: theme switch, search in
 * logs, copy buttons, keyboard. Without it every fact stays readable. It makes no request and
 * stores nothing but the chosen theme, where the browser allows that.
 */

const SCRIPT = String.raw`(() => {
'use strict';
const root = document.documentElement;
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const make = (name, properties) => Object.assign(document.createElement(name), properties);

const themes = ['auto', 'light', 'dark'];
let theme = 'auto';
try { theme = localStorage.getItem('onceproof-theme') || 'auto'; } catch {}
const tools = document.querySelector('.tools');
const themeButton = make('button', { type: 'button' });
const showTheme = () => {
  if (theme === 'auto') delete root.dataset.theme;
  else root.dataset.theme = theme;
  themeButton.textContent = 'Theme: ' + theme;
};
const nextTheme = () => {
  theme = themes[(themes.indexOf(theme) + 1) % themes.length];
  try { localStorage.setItem('onceproof-theme', theme); } catch {}
  showTheme();
};
themeButton.onclick = nextTheme;
const help = document.getElementById('help');
const helpButton = make('button', { type: 'button', textContent: 'Keys' });
helpButton.onclick = () => help.showModal();
tools.append(themeButton, helpButton);
tools.hidden = false;
showTheme();

for (const code of all('.replay code')) {
  const button = make('button', { type: 'button', textContent: 'Copy' });
  button.onclick = async () => {
    try { await navigator.clipboard.writeText(code.textContent); button.textContent = 'Copied'; }
    catch { getSelection().selectAllChildren(code); button.textContent = 'Selected'; }
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  };
  code.after(button);
}

const ALIASES = { on: 'host', ck: 'checkpoint', s: 'verdict', p: 'property' };
const PAGE = 200;
const lower = (value) => String(value ?? '').toLowerCase();

function parseQuery(query) {
  return [...query.matchAll(/(?:(\w+):)?(?:"([^"]*)"|\/((?:\\.|[^/])+)\/|(\S+))/g)]
    .map(([, key, quoted, pattern, word]) => ({ key, pattern, word: lower(quoted ?? word) }));
}
function matcher(term, columns) {
  const column = columns.indexOf(ALIASES[term.key] ?? term.key);
  if (term.key && column >= 0) return (row) => lower(row[column]).includes(term.word);
  if (term.pattern) {
    const pattern = new RegExp(term.pattern, 'i');
    return (row) => pattern.test(row.join(' '));
  }
  const word = term.key && term.key !== 'not' && term.key !== 'after' && term.key !== 'before'
    ? term.key + ':' + term.word : term.word;
  if (/^#\d+$/.test(word)) return (row) => '#' + row[0] === word;
  return (row) => lower(row.join(' ')).includes(word);
}
function search(rows, columns, query) {
  let found = rows;
  for (const term of parseQuery(query)) {
    const matches = matcher(term, columns);
    if (term.key === 'after') {
      const from = rows.findIndex(matches);
      const later = new Set(from < 0 ? [] : rows.slice(from + 1));
      found = found.filter((row) => later.has(row));
    } else if (term.key === 'before') {
      const to = rows.findIndex(matches);
      const sooner = new Set(to < 0 ? [] : rows.slice(0, to));
      found = found.filter((row) => sooner.has(row));
    } else found = found.filter((row) => matches(row) !== (term.key === 'not'));
  }
  return found;
}

for (const log of all('.log')) {
  const block = document.getElementById(log.dataset.rows);
  if (!block) continue;
  let data = null;
  const load = () => (data ??= JSON.parse(block.textContent));
  const body = log.querySelector('tbody');
  const plain = [...body.rows];
  const note = log.querySelector('.note');
  const noteText = note.textContent;
  const bar = make('div', { className: 'log-tools' });
  const input = make('input', { type: 'search', placeholder: log.dataset.hint });
  input.setAttribute('aria-label', log.dataset.label);
  const count = make('span', { className: 'muted' });
  count.setAttribute('role', 'status');
  const more = make('button', { type: 'button', textContent: 'Show more', hidden: true });
  let shown = PAGE;
  const draw = () => {
    const query = input.value.trim();
    if (query === '' && shown === PAGE) {
      body.replaceChildren(...plain);
      count.textContent = '';
      note.textContent = noteText;
      more.hidden = plain.length >= load().rows.length;
      return;
    }
    const { columns, rows, total } = load();
    let found = [];
    let problem = '';
    try { found = search(rows, columns, query); } catch (error) { problem = error.message; }
    const page = found.slice(0, shown);
    const flagColumn = Math.max(columns.indexOf('kind'), columns.indexOf('verdict'));
    body.replaceChildren(...page.map((cells) => {
      const row = make('tr', { className: rowClass(cells[flagColumn]) });
      row.append(...cells.map((cell, index) => make('td', {
        textContent: cellText(cell, columns[index]),
        className: cellClass(cell, columns[index]),
      })));
      return row;
    }));
    note.textContent = '';
    count.textContent = problem || found.length + ' of ' + total
      + (page.length < found.length ? ', first ' + page.length + ' shown' : '');
    more.hidden = page.length >= found.length;
  };
  input.oninput = () => { shown = PAGE; draw(); };
  more.onclick = () => { shown += PAGE; draw(); };
  bar.append(input, count, more);
  log.prepend(bar);
  draw();
}
function cellText(cell, column) {
  if (column === 'timeMs') return (cell / 1000).toFixed(3) + 's';
  return Number.isInteger(cell) ? String(cell).replace(/\B(?=(\d{3})+$)/g, '\u00a0') : cell ?? '';
}
function cellClass(cell, column) {
  if (typeof cell === 'number') return 'num';
  return /^(run|digest)$/.test(column) ? 'mono' : 'break';
}
function rowClass(kind) {
  const word = lower(kind);
  if (/fault|crash|drop/.test(word)) return 'is-fault';
  return /violation|invalid/.test(word) ? 'is-violation' : word === 'unknown' ? 'is-unknown' : '';
}

for (const diagram of all('.diagram')) {
  const toEnd = () => { diagram.scrollTop = diagram.scrollHeight; };
  diagram.closest('details').addEventListener('toggle', toEnd);
  toEnd();
}

const findings = all('.finding');
const toFinding = (step) => {
  if (findings.length === 0) return;
  const at = findings.indexOf(document.activeElement.closest('.finding'));
  const next = at < 0 && step < 0 ? findings.length - 1 : at + step;
  const target = findings[(next + findings.length) % findings.length];
  target.focus();
  target.scrollIntoView({ block: 'start' });
};
const toSearch = () => {
  const near = document.activeElement.closest('.finding') ?? document;
  const input = near.querySelector('.log-tools input');
  const details = input?.closest('details');
  if (details) details.open = true;
  input?.focus();
  input?.scrollIntoView({ block: 'center' });
};
const keys = {
  j: () => toFinding(1), k: () => toFinding(-1), t: nextTheme,
  '?': () => help.showModal(), '/': toSearch,
};
addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
  if (event.key === 'Escape' && event.target.matches('input')) event.target.blur();
  if (event.target.matches('input, textarea')) return;
  const action = keys[event.key];
  if (action === undefined) return;
  event.preventDefault();
  action();
});
const openTarget = () => {
  const target = document.getElementById(location.hash.slice(1));
  target?.closest('details')?.setAttribute('open', '');
};
addEventListener('hashchange', openTarget);
openTarget();
})();`;

export function pageScript(): string {
  return SCRIPT;
}
