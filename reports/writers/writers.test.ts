/** Files are whole or not there, failures are values with a remedy, and the log is never lost. */
import { appendFileSync, chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { sampleLog, toLines } from '../testing/sample-log.ts';
import { writeFileAtomically } from './atomic-file.ts';
import { openEventLog, readEventLog, renderReports } from './index.ts';
import { reportFailed } from './report-error.ts';
import { appendStepSummary } from './step-summary.ts';

const events = sampleLog({ verdict: 'violated', seeds: 3 });

function directory(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'onceproof-reports-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function logIn(path: string): string {
  const log = join(path, 'events.ndjson');
  writeFileSync(log, toLines(events));
  return log;
}

test('all reports are written, and nothing else', async (t) => {
  const path = directory(t);
  const out = join(path, 'deep', 'report');
  const result = await renderReports({ events: logIn(path), out, environment: {} });
  t.deepEqual(result.failures, []);
  t.deepEqual(readdirSync(out).sort(), ['index.html', 'junit.xml', 'results.json', 'summary.md']);
  t.deepEqual(result.stepSummary, { kind: 'summary-skipped', cause: 'not-set' });
  t.is(result.report?.totals.runs, 27);
});

test('SOURCE_DATE_EPOCH makes the files the same byte by byte', async (t) => {
  const path = directory(t);
  const environment = { SOURCE_DATE_EPOCH: '1700000000' };
  const log = logIn(path);
  for (const name of ['a', 'b']) {
    await renderReports({ events: log, out: join(path, name), environment });
  }
  for (const name of readdirSync(join(path, 'a'))) {
    t.deepEqual(readFileSync(join(path, 'a', name)), readFileSync(join(path, 'b', name)), name);
  }
  t.regex(readFileSync(join(path, 'a', 'index.html'), 'utf8'), /2023-11-14T22:13:20Z/);
});

test('only the formats asked for are written', async (t) => {
  const path = directory(t);
  const out = join(path, 'out');
  const result = await renderReports({ events: logIn(path), out, formats: ['junit'] });
  t.deepEqual(readdirSync(out), ['junit.xml']);
  t.deepEqual(
    result.files.map((file) => file.format),
    ['junit'],
  );
});

test('a missing log and an impossible directory are failures with a remedy', async (t) => {
  const path = directory(t);
  const missing = await renderReports({ events: join(path, 'none'), out: path, environment: {} });
  t.like(missing, { report: null, failures: [{ code: 'OP-E703', cause: 'Cannot find the file' }] });
  const log = logIn(path);
  const blocked = await renderReports({ events: log, out: join(log, 'out'), environment: {} });
  t.like(blocked, { files: [], failures: [{ kind: 'report-failed', code: 'OP-E701' }] });
  t.regex(blocked.failures[0]?.remedy ?? '', /--out/);
  t.is(readFileSync(log, 'utf8'), toLines(events));
});

test('a file that cannot be replaced costs only itself and leaves no scrap', async (t) => {
  const path = directory(t);
  const blocked = await writeFileAtomically(join(path, 'no', 'such', 'file'), 'x');
  t.like(blocked, { kind: 'report-failed', code: 'OP-E702' });
  const old = join(path, 'old');
  writeFileSync(old, 'old');
  t.like(await writeFileAtomically(old, 'new'), { kind: 'file-written', sizeBytes: 3 });
  t.is(readFileSync(old, 'utf8'), 'new');
  t.deepEqual(readdirSync(path), ['old']);
});

test('a read-only directory fails with a clear cause', async (t) => {
  if (process.getuid?.() === 0) {
    t.log('root may write everywhere, so this cannot be seen here');
    t.pass();
    return;
  }
  const path = directory(t);
  chmodSync(path, 0o555);
  const result = await writeFileAtomically(join(path, 'x'), 'x');
  t.like(result, { kind: 'report-failed', cause: 'Cannot write: permission denied' });
});

test('each way a disk says no has a cause of its own', (t) => {
  for (const [code, cause] of [
    ['EROFS', 'Cannot write: the file system is read-only'],
    ['ENOSPC', 'Cannot write: the disk is full'],
    ['EIO', 'Cannot finish: Error: broken'],
  ] as const) {
    t.is(reportFailed('OP-E702', 'x', Object.assign(new Error('broken'), { code })).cause, cause);
  }
});

test('a full device fails with a clear cause', async (t) => {
  const log = openEventLog('/dev/full');
  if (log.kind === 'report-failed') {
    t.log('there is no /dev/full here');
    t.pass();
    return;
  }
  const [event] = events;
  if (event === undefined) return t.fail();
  t.like(log.append(event), { code: 'OP-E704', cause: 'Cannot write: the disk is full' });
  t.like(log.append(event), { code: 'OP-E704', cause: 'Cannot write: the disk is full' });
  t.like(log.close(), { code: 'OP-E704' });
});

test('the event log is on disk line by line, and can be gone on with', async (t) => {
  const path = join(directory(t), 'new', 'events.ndjson');
  const log = openEventLog(path);
  if (log.kind === 'report-failed') return t.fail(log.cause);
  for (const [index, event] of events.entries()) {
    t.is(log.append(event), null);
    t.is(readFileSync(path, 'utf8').split('\n').length, index + 2);
  }
  t.is(log.close(), null);
  t.is(log.close(), null);
  const more = openEventLog(path, { append: true });
  if (more.kind === 'report-failed') return t.fail(more.cause);
  more.append({ v: 1, type: 'progress', runs: 1, of: 1, findings: 0 });
  more.close();
  const read = await readEventLog(path);
  t.is(read.kind === 'event-log-read' ? read.log.events.length : 0, events.length + 1);
});

test('a log cut off by a crash is read up to the cut', async (t) => {
  const path = logIn(directory(t));
  appendFileSync(path, '{"v":1,"type":"progr');
  const read = await readEventLog(path);
  t.like(read, { log: { truncated: true, problems: [{ code: 'OP-E714' }] } });
});

test('the job summary is appended to, and never made too large', async (t) => {
  const path = join(directory(t), 'summary');
  writeFileSync(path, 'before\n');
  t.like(await appendStepSummary(path, '### after'), { kind: 'summary-appended' });
  t.is(readFileSync(path, 'utf8'), 'before\n### after\n');
  const large = await appendStepSummary(path, 'x'.repeat(1_024 * 1_024));
  t.deepEqual(large, { kind: 'summary-skipped', cause: 'would-not-fit' });
  t.like(await appendStepSummary(join(path, 'in', 'file'), 'x'), { code: 'OP-E705' });
});
