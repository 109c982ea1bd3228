// What the model of durability costs: the same calls on a simulated disk and on bare memfs, as
// operations per second and as a ratio within one run. A ratio is steady where a rate is not.

import { Volume } from 'memfs';

import type { FileSystem } from '../../engine/environment/filesystem.ts';
import { DiskBench } from '../filesystem/disk-bench.ts';

const ROUNDS = 5;

interface Workload {
  readonly name: string;
  readonly count: number;
  readonly simulated: (files: FileSystem, index: number) => Promise<unknown>;
  readonly bare: (volume: Volume, index: number) => unknown;
}

const logs = new Map<Volume, number>();
const record = new Uint8Array(200).fill(7);
const kilobyte = new Uint8Array(1_024).fill(7);

const WORKLOADS: readonly Workload[] = [
  {
    name: 'append 200 B, sync every 10th',
    count: 20_000,
    simulated: async (files, index) => {
      await files.append('/log', record);
      if (index % 10 === 9) await files.sync('/log');
    },
    bare: (volume, index) => volume.writeSync(logOf(volume), record, 0, 200, index * 200),
  },
  {
    name: 'write 1 KB, sync, rename, sync directory',
    count: 5_000,
    simulated: async (files) => {
      await files.write('/tmp', kilobyte);
      await files.sync('/tmp');
      await files.rename('/tmp', '/current');
      await files.sync('/');
    },
    bare: (volume) => {
      volume.writeFileSync('/tmp', kilobyte);
      volume.renameSync('/tmp', '/current');
    },
  },
  {
    name: 'read 1 KB',
    count: 20_000,
    simulated: (files) => files.read('/current'),
    bare: (volume) => volume.readFileSync('/current'),
  },
];

for (const workload of WORKLOADS) await compare(workload);
await measureCrash();
measureCreation();

async function compare({ name, count, simulated, bare }: Workload): Promise<void> {
  const simulatedRates: number[] = [];
  const bareRates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const files = new DiskBench('bench').mount();
    await files.write('/current', kilobyte);
    const simulatedStartMs = performance.now();
    for (let index = 0; index < count; index++) await simulated(files, index);
    simulatedRates.push((count * 1_000) / (performance.now() - simulatedStartMs));

    const volume = new Volume();
    volume.writeFileSync('/current', kilobyte);
    const bareStartMs = performance.now();
    for (let index = 0; index < count; index++) bare(volume, index);
    bareRates.push((count * 1_000) / (performance.now() - bareStartMs));
  }
  const [ours, theirs] = [median(simulatedRates), median(bareRates)];
  const rates = `${Math.round(ours)} against ${Math.round(theirs)} per second`;
  console.log(`${name}: ${rates}, ratio ${(ours / theirs).toFixed(2)}`);
}

/** A crash must cost what was touched since the last sync, not what the disk holds. */
async function measureCrash(): Promise<void> {
  for (const fileCount of [10, 10_000]) {
    const bench = new DiskBench('crash');
    const files = bench.mount();
    for (let index = 0; index < fileCount; index++) await files.write(`/${index}`, kilobyte);
    for (let index = 0; index < fileCount; index++) await files.sync(`/${index}`);
    await files.sync('/');
    const times: number[] = [];
    for (let round = 0; round < 20; round++) {
      const mounted = bench.mount();
      for (let index = 0; index < 10; index++) await mounted.append(`/${index}`, record);
      const startMs = performance.now();
      bench.crash();
      times.push(performance.now() - startMs);
    }
    const microseconds = Math.round(median(times) * 1_000);
    console.log(`crash with 10 of ${fileCount} files touched: ${microseconds} µs`);
  }
}

function measureCreation(): void {
  const count = 500;
  const startMs = performance.now();
  for (let index = 0; index < count; index++) new DiskBench(`disk ${index}`).mount();
  const microseconds = Math.round(((performance.now() - startMs) * 1_000) / count);
  console.log(`a fresh disk with one mount: ${microseconds} µs`);
}

/** The descriptor of an open log, as the fastest way to append. */
function logOf(volume: Volume): number {
  let log = logs.get(volume);
  if (log === undefined) {
    log = volume.openSync('/log', 'w');
    logs.set(volume, log);
  }
  return log;
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1] ?? 0;
}
