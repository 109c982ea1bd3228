// Textbook cases of what a crash may leave, by hand: each state named possible has to be among
// those of the model, and each named impossible must not. After Pillai et al., "All File Systems
// Are Not Created Equal" (ALICE, OSDI '14), table 1 and section 4, and Mohan et al., "Finding
// Crash-Consistency Bugs with Bounded Black-Box Crash Testing" (CrashMonkey and ACE, OSDI '18).

import test from 'ava';

import type { FileSystem } from '../../engine/environment/filesystem.ts';
import { address } from '../../engine/environment/network.ts';
import { DiskBench } from './disk-bench.ts';
import { contentsOf } from './scripted-calls.contract.ts';
import type { DurabilityProfile } from './volume.ts';

interface Case {
  readonly name: string;
  readonly profile?: DurabilityProfile;
  /** Made durable. */
  readonly before?: (files: FileSystem) => Promise<unknown>;
  readonly calls: (files: FileSystem) => Promise<unknown>;
  /** As `path=count*byte ...`, separated by commas. */
  readonly possible: readonly string[];
  readonly impossible: readonly string[];
}

const CASES: readonly Case[] = [
  {
    name: 'an append of one sector: size and data apart',
    before: (files) => files.create('/a', fill(1, 512)),
    calls: (files) => files.append('/a', fill(2, 512)),
    possible: ['/a=512*1', '/a=512*1 512*0', '/a=512*1 512*2'],
    impossible: ['', '/a=512*2', '/a=512*1 256*2', '/a='],
  },
  {
    name: 'an append of one sector in a block that is there, not even first on ext4',
    profile: 'ext4-ordered',
    before: (files) => files.create('/a', fill(1, 512)),
    calls: (files) => files.append('/a', fill(2, 512)),
    possible: ['/a=512*1', '/a=512*1 512*0', '/a=512*1 512*2'],
    impossible: ['', '/a=512*2', '/a=512*1 256*2', '/a='],
  },
  {
    name: 'an append of new blocks, data first',
    profile: 'ext4-ordered',
    before: (files) => files.create('/a', fill(1, 4_096)),
    calls: (files) => files.append('/a', fill(2, 512)),
    possible: ['/a=4096*1', '/a=4096*1 512*2'],
    impossible: ['/a=4096*1 512*0'],
  },
  {
    name: 'an append of a new block too, of which the rest of the old one may be missing',
    profile: 'ext4-ordered',
    before: (files) => files.create('/a', fill(1, 3_584)),
    calls: (files) => files.append('/a', fill(2, 1_024)),
    possible: ['/a=3584*1', '/a=3584*1 1024*2', '/a=3584*1 512*0 512*2'],
    impossible: ['/a=3584*1 1024*0', '/a=3584*1 512*2 512*0'],
  },
  {
    name: 'a truncation of data that waits for its blocks, not even first on ext4',
    profile: 'ext4-ordered',
    calls: async (files) => {
      await files.create('/a', fill(1, 400));
      await files.truncate('/a', 300);
    },
    possible: ['', '/a=', '/a=400*1', '/a=300*1', '/a=300*0'],
    impossible: ['/a=400*0'],
  },
  {
    name: 'an overwrite is not atomic: sectors survive alone',
    before: (files) => files.create('/a', fill(1, 1_024)),
    calls: (files) => files.write('/a', fill(2, 1_024)),
    possible: ['/a=1024*1', '/a=1024*2', '/a=512*2 512*1', '/a=512*1 512*2', '/a='],
    impossible: ['/a=256*2 768*1', ''],
  },
  {
    name: 'create and append: the name without the data, never the data without the name',
    calls: (files) => files.create('/a', fill(1, 512)),
    possible: ['', '/a=', '/a=512*0', '/a=512*1'],
    impossible: ['/a=511*1'],
  },
  {
    name: 'a synced file whose directory was not',
    calls: async (files) => {
      await files.create('/a', fill(1, 512));
      await files.sync('/a');
    },
    possible: ['', '/a=512*1'],
    impossible: ['/a=', '/a=512*0'],
  },
  {
    name: 'atomic replace by rename without a sync: an empty or torn new file',
    before: (files) => files.create('/a', fill(1, 512)),
    calls: async (files) => {
      await files.create('/t', fill(2, 512));
      await files.rename('/t', '/a');
    },
    possible: ['/a=512*1', '/a=512*2', '/a=', '/a=512*0', '/a=512*1,/t='],
    impossible: ['', '/a=512*2,/t=512*2', '/t=512*2'],
  },
  {
    name: 'atomic replace by rename on ext4: the old or the new',
    profile: 'ext4-ordered',
    before: (files) => files.create('/a', fill(1, 512)),
    calls: async (files) => {
      await files.create('/t', fill(2, 512));
      await files.rename('/t', '/a');
    },
    possible: ['/a=512*1', '/a=512*2', '/a=512*1,/t='],
    impossible: ['', '/a=', '/a=512*0', '/t=512*2'],
  },
  {
    name: 'create by rename is not forgiven, not even on ext4',
    profile: 'ext4-ordered',
    calls: async (files) => {
      await files.create('/t', fill(2, 512));
      await files.rename('/t', '/a');
    },
    possible: ['', '/a=', '/a=512*2', '/t='],
    impossible: ['/a=512*0', '/a=512*2,/t=512*2'],
  },
  {
    name: 'directory operations reorder: the second file without the first',
    calls: async (files) => {
      await files.create('/a', new Uint8Array());
      await files.create('/b', new Uint8Array());
    },
    possible: ['', '/a=', '/b=', '/a=,/b='],
    impossible: ['/c='],
  },
  {
    name: 'a sync of one directory says nothing of another',
    before: async (files) => {
      await files.makeDirectory('/d');
      await files.makeDirectory('/e');
    },
    calls: async (files) => {
      await files.create('/d/a', new Uint8Array());
      await files.create('/e/b', new Uint8Array());
      await files.sync('/e');
    },
    possible: ['/d,/e,/e/b=', '/d,/d/a=,/e,/e/b='],
    impossible: ['/d,/e', '/d,/d/a=,/e'],
  },
  {
    name: 'ACE: rename, then a new file under the old name, synced',
    before: (files) => files.create('/a', fill(1, 512)),
    calls: async (files) => {
      await files.rename('/a', '/b');
      await files.create('/a', fill(2, 512));
      await files.sync('/a');
      await files.sync('/');
    },
    possible: ['/a=512*2,/b=512*1'],
    impossible: ['/a=512*2', '/b=512*1', '/a=512*1', '/a=512*1,/b=512*1'],
  },
  {
    name: 'ACE: a link, then the first name removed, the directory synced',
    before: (files) => files.create('/a', fill(1, 512)),
    calls: async (files) => {
      await files.link('/a', '/b');
      await files.remove('/a');
      await files.sync('/');
    },
    possible: ['/b=512*1'],
    impossible: ['', '/a=512*1', '/a=512*1,/b=512*1'],
  },
  {
    name: 'a rename across directories, only the target synced: in one place, not in two or none',
    before: async (files) => {
      await files.makeDirectory('/d');
      await files.create('/a', fill(1, 512));
    },
    calls: async (files) => {
      await files.rename('/a', '/d/a');
      await files.sync('/d');
    },
    possible: ['/a=512*1,/d', '/d,/d/a=512*1'],
    impossible: ['/d', '/a=512*1,/d,/d/a=512*1'],
  },
  {
    name: 'a retried sync of a file after one that failed: zeros or the old, never the new',
    before: (files) => files.create('/a', fill(1, 512)),
    calls: async (files) => {
      await files.append('/a', fill(2, 512));
      await files.sync('/a').catch(() => files.sync('/a'));
    },
    possible: ['/a=512*1 512*0'],
    impossible: ['/a=512*1 512*2', '/a=512*1'],
  },
];

for (const each of CASES) {
  test(`${each.name} (${each.profile ?? 'posix-strict'})`, async (t) => {
    const found = await statesOf(each);
    for (const state of each.possible) t.true(found.has(state), `missing: ${state}`);
    for (const state of each.impossible) t.false(found.has(state), `too much: ${state}`);
  });
}

async function statesOf(each: Case): Promise<Set<string>> {
  const host = address('host');
  const limits = { statesMax: 5_000, freeSectorsMax: 4 };
  const states = (await benchAfter(each)).disk.crashStates(host, limits);
  const found = new Set<string>();
  for (const state of states ?? []) {
    const bench = await benchAfter(each);
    bench.disk.crashInto(host, state);
    const contents = (await contentsOf(bench.mount())) as [string, string?][];
    found.add(contents.map((entry) => entry.join('=')).join(','));
  }
  return found;
}

async function benchAfter({
  profile = 'posix-strict',
  before,
  calls,
  name,
}: Case): Promise<DiskBench> {
  const bench = new DiskBench('textbook', { profile });
  const files = bench.mount();
  await before?.(files);
  for (const path of ['/', '/a', '/d', '/e']) await files.sync(path).catch(() => undefined);
  if (name.startsWith('a retried sync')) bench.disk.faults.failNextSync('/a');
  await calls(files);
  return bench;
}

function fill(byte: number, sizeBytes: number): Uint8Array {
  return new Uint8Array(sizeBytes).fill(byte);
}
