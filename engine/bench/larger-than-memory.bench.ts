// State four times as large as RocksDB's block cache and Node's heap together, in a process that
// may have no more: that it gets through, what memory it took, and how fast it was beside the same
// work on a heap with room for everything. The heap backend is shown to die of the same limit.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { LargeStateResult, LargeStateRun } from './support/large-state.ts';
import { report } from './support/measure.ts';

const MEGABYTE = 1024 * 1024;
const HEAP_MEGABYTES = 48;
const BLOCK_CACHE_MEGABYTES = 16;
const STATE_MEGABYTES = 4 * (HEAP_MEGABYTES + BLOCK_CACHE_MEGABYTES);
const ROOMY_HEAP_MEGABYTES = 2_048;
const TEXT_UNITS = 4_000;
const KEYS = Math.ceil((STATE_MEGABYTES * MEGABYTE) / TEXT_UNITS);
const RECORDS = 20_000;
/** Children that die leave their files behind. */
const DIRECTORY = mkdtempSync(join(tmpdir(), 'onceproof-bench-'));
const CHILD = join(import.meta.dirname, 'support', 'large-state.ts');

function runChild(driver: string | undefined, heapMegabytes: number) {
  const run: LargeStateRun = {
    driver,
    keys: KEYS,
    textUnits: TEXT_UNITS,
    records: RECORDS,
    blockCacheBytes: BLOCK_CACHE_MEGABYTES * MEGABYTE,
    writeBufferBytes: 8 * MEGABYTE,
    cacheBytes: 8 * MEGABYTE,
  };
  // Half-spaces as small as Node takes them: they come on top of the limit.
  const flags = [`--max-old-space-size=${heapMegabytes}`, '--max-semi-space-size=2'];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...flags, '--no-warnings', CHILD, JSON.stringify(run)],
    { encoding: 'utf8', env: { ...process.env, TMPDIR: DIRECTORY } },
  );
  const result = status === 0 ? (JSON.parse(stdout) as LargeStateResult) : undefined;
  report('larger than memory', {
    backend: driver === undefined ? 'memory, fs' : `rocksdb on ${driver}`,
    stateMegabytes: STATE_MEGABYTES,
    heapMegabytes,
    // That of the other driver cannot be chosen.
    blockCacheMegabytes: driver === 'rocksdb-js' ? BLOCK_CACHE_MEGABYTES : undefined,
    end: result === undefined ? reasonIn(stderr) : 'completes',
    peakResidentMegabytes: result && Math.round(result.peakResidentBytes / MEGABYTE),
    recordsPerSecond: result && Math.round(result.recordsPerSecond),
  });
  return result;
}

function reasonIn(stderr: string): string {
  if (stderr.includes('heap out of memory')) return 'dies: heap out of memory';
  process.exitCode = 1;
  return `fails: ${stderr.slice(0, 300)}`;
}

const roomy = runChild(undefined, ROOMY_HEAP_MEGABYTES);
runChild(undefined, HEAP_MEGABYTES);
for (const driver of ['rocksdb-native', 'rocksdb-js']) {
  const result = runChild(driver, HEAP_MEGABYTES);
  if (roomy === undefined || result === undefined) process.exitCode = 1;
  else {
    report('larger than memory', {
      backend: `rocksdb on ${driver}`,
      shareOfInMemory: result.recordsPerSecond / roomy.recordsPerSecond,
    });
  }
}
rmSync(DIRECTORY, { recursive: true, force: true });
