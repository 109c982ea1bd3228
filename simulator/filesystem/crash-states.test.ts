// All crash states, where they are few: none that can be drawn is missing, and with them a protocol
// is judged without luck.

import test from 'ava';
import fc from 'fast-check';

import { type FileSystem, FileSystemError } from '../../engine/environment/filesystem.ts';
import { address } from '../../engine/environment/network.ts';
import { aCall } from './calls.contract.ts';
import { explore, exploreMishaps, type Protocol } from './crash-explorer.contract.ts';
import { DiskBench } from './disk-bench.ts';
import { CURRENT, KNOWN_BAD, type Publish, right } from './protocols.contract.ts';

const HOST = address('host');
/** Two and a bit sectors: torn in every way. */
const VALUE_BYTES = 1_100;

test('what a crash leaves by chance is one of all the states', async (t) => {
  const modes = new Set<string>();
  let tornCount = 0;
  const someCalls = fc.array(fc.tuple(fc.constantFrom('host', 'host', 'other'), aCall), {
    minLength: 1,
    maxLength: 12,
  });
  const property = fc.asyncProperty(fc.nat(), someCalls, async (seed, calls) => {
    const make = async (): Promise<DiskBench> => {
      const bench = new DiskBench(`seed ${seed}`);
      const mounts = new Map(['host', 'other'].map((host) => [host, bench.mount(host)]));
      for (const [host, [, call]] of calls) {
        const files = mounts.get(host);
        if (files !== undefined) await call(files).catch(() => undefined);
      }
      return bench;
    };
    const drawn = await make();
    const states = drawn.disk.crashStates(HOST, { statesMax: 200, freeSectorsMax: 5 });
    fc.pre(states !== undefined && states.length > 1);
    modes.add(drawn.crash(HOST).mode);
    const found = contentOf(drawn);
    let index = 0;
    for (const state of states) {
      const bench = await make();
      bench.disk.crashInto(HOST, state);
      if (contentOf(bench) === found) break;
      index += 1;
    }
    t.true(index < states.length, `missing: ${found}`);
    if (index > 0 && index < states.length - 1) tornCount++;
  });
  await fc.assert(property, { numRuns: 150 });
  t.true(modes.size >= 5 && tornCount > 20, `${modes.size} modes, ${tornCount} in the middle`);
});

test('more states than wanted are not counted on', async (t) => {
  const bench = new DiskBench('many');
  for (let index = 0; index < 12; index++)
    await bench.mount().create(`/${index}`, new Uint8Array());
  t.is(bench.disk.crashStates(HOST, { statesMax: 4_095, freeSectorsMax: 3 }), undefined);
  t.is(bench.disk.crashStates(HOST, { statesMax: 4_096, freeSectorsMax: 3 })?.length, 4_096);
  t.is(bench.disk.crashStates(address('other'), { statesMax: 1, freeSectorsMax: 3 })?.length, 1);
});

for (const profile of ['posix-strict', 'posix-unforgiving', 'ext4-ordered'] as const) {
  test(`no state under ${profile} refutes: write, sync, rename, sync the directory`, async (t) => {
    const { stateCount, complaints } = await exploreMishaps(replacing(right), profile);
    t.deepEqual(complaints, []);
    t.true(stateCount > 100, `${stateCount}`);
  });
}

for (const [name, publish] of KNOWN_BAD) {
  test(`some state refutes: ${name}`, async (t) => {
    const isAboutFailures = name.startsWith('trusting');
    const options = isAboutFailures ? { failedSync: 0 } : {};
    const { complaints } = await explore(replacing(publish), options);
    t.true(complaints.length > 0);
    if (isAboutFailures) t.deepEqual((await explore(replacing(publish))).complaints, []);
  });
}

test('some state refutes: trusting a second sync of the directory', async (t) => {
  const publish: Publish = async (files, value) => {
    await files.write('/d/tmp', value);
    await files.sync('/d/tmp');
    await files.rename('/d/tmp', CURRENT);
    await files.sync('/d').catch(() => files.sync('/d'));
  };
  t.deepEqual((await explore(replacing(publish))).complaints, []);
  const unforgiving = { failedSync: 1, profile: 'posix-unforgiving' } as const;
  const { complaints } = await explore(replacing(publish), unforgiving);
  t.regex(complaints.join('\n'), /promised 1, found 0/);
  const journaled = { failedSync: 1, profile: 'ext4-ordered' } as const;
  t.deepEqual((await explore(replacing(publish), journaled)).complaints, []);
});

test('no state refutes: doing everything again after a failed sync', async (t) => {
  const publish: Publish = async (files, value) => {
    const once = (round: number): Promise<void> => right(files, value, round);
    await once(1).catch(() => once(2));
  };
  for (const failedSync of [0, 1]) {
    const options = { failedSync, profile: 'posix-unforgiving' } as const;
    t.deepEqual((await explore(replacing(publish), options)).complaints, []);
  }
});

/** Value 0 stands; value 1 is published. */
function replacing(publish: Publish): Protocol {
  return {
    prepare: async (files) => {
      await files.makeDirectory('/d');
      await files.sync('/');
      await right(files, valueOf(0), 0);
    },
    run: async (files, promise) => {
      try {
        await publish(files, valueOf(1), 1);
        promise('1');
      } catch (error) {
        if (!(error instanceof FileSystemError)) throw error;
      }
    },
    check: async (files, promised) => {
      const found = await valueIn(files);
      const wanted = promised.has('1') ? '1' : '0';
      const isFine = found === '1' || found === wanted;
      return isFine ? undefined : `promised ${wanted}, found ${found}`;
    },
  };
}

async function valueIn(files: FileSystem): Promise<string> {
  if ((await files.status(CURRENT)) === undefined) return 'none';
  const found = await files.read(CURRENT);
  for (const round of [0, 1]) if (Buffer.compare(found, valueOf(round)) === 0) return `${round}`;
  return 'torn';
}

function valueOf(round: number): Uint8Array {
  return new Uint8Array(VALUE_BYTES).fill(65 + round);
}

function contentOf(bench: DiskBench): string {
  const view = bench.disk.snapshotView();
  return JSON.stringify([
    bench.disk.listAll('/'),
    ...[view.readAll('/'), view.readDurable('/')].map((files) =>
      [...files].map(([path, bytes]) => [path, Buffer.from(bytes).toString('hex')]),
    ),
  ]);
}
