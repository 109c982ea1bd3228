// Stalls that are planted, each by one thing that goes wrong: the explanation names it.

import test, { type ExecutionContext } from 'ava';
import { address } from '../../engine/environment/network.ts';
import { macrotask } from '../../simulator/index.ts';
import { noting } from '../cluster/noting.ts';
import type { OpenBackend } from '../cluster/backends/backend-profile.ts';
import { openFs } from '../cluster/backends/directory-backends.ts';
import { fingerprintOf } from '../run/fingerprint.ts';
import { defineScenario, type ScenarioDefinition } from '../scenario.ts';
import { type RunOptions, type RunResult, simulate } from '../simulate.ts';
import { countByPage, type PageCount } from '../workloads/count-by-page.ts';
import type { Visit } from '../workloads/visits.ts';
import { type Sent, swallowing, swallowingEvents } from './testing/tamper.ts';

const ONE_SLOT_EACH = { cluster: { taskManagers: 2, slots: 1, parallelism: 2 } };
const SEED = '00000000000000a7';

interface Planted {
  readonly definition?: Partial<ScenarioDefinition<Visit, PageCount>>;
  readonly isSwallowed?: (sent: Sent) => boolean;
  readonly more?: Partial<RunOptions>;
}

async function stalled(planted: Planted): Promise<RunResult> {
  const scenario = defineScenario<Visit, PageCount>({
    id: 'test/stalls',
    claim: 'It ends.',
    ...countByPage({ records: 200 }),
    faults: [],
    safetyMs: 100,
    livenessMs: 20_000,
    ...planted.definition,
  });
  const heal = swallowing(planted.isSwallowed ?? (() => false));
  try {
    return await simulate({
      scenario,
      backend: 'fs',
      seed: SEED,
      drain: macrotask,
      ...planted.more,
    });
  } finally {
    heal();
  }
}

/** The first line of the explanation, and all of it. */
function explanationOf(t: ExecutionContext, run: RunResult): { root: string; all: string } {
  t.is(run.end, 'stuck');
  t.is(run.property, 'finishes-once-healed');
  const [, ...lines] = (run.message ?? '').split('\n');
  t.log(run.message);
  return { root: lines.find((line) => /root|circle/i.test(line)) ?? '', all: lines.join('\n') };
}

test.serial('an acknowledgement that was never sent is missed', async (t) => {
  let culprit: string | undefined;
  const run = await stalled({
    isSwallowed: ({ from, kind, message }) => {
      if (kind !== 'acknowledge-checkpoint' || !('attempt' in message)) return false;
      culprit ??= `${String(message.attempt).replace(/#.*/, '')} ${from}`;
      return culprit === `${String(message.attempt).replace(/#.*/, '')} ${from}`;
    },
  });
  const { root, all } = explanationOf(t, run);
  const host = culprit?.split(' ').at(-1) ?? '';
  t.regex(root, new RegExp(`on ${host} has acknowledged checkpoint \\d+ .* it got lost`));
  t.regex(all, /waits for the acknowledgement of/);
  t.regex(all, /checkpoints were given up since it began: checkpoint-expired/);
});

test.serial('credit that is never returned is missed', async (t) => {
  let culprit: string | undefined;
  const run = await stalled({
    definition: countByPage({ records: 4_000, recordsPerSecond: 100_000 }),
    isSwallowed: ({ from, kind, to }) => {
      if (kind !== 'grant-credit') return false;
      culprit ??= `${from} ${to.host}`;
      return true;
    },
  });
  const { root } = explanationOf(t, run);
  t.regex(root, /\d+ elements of workload\[\d\] on tm-\d wait for keyed.*\[\d\] on tm-\d/);
  t.regex(root, /to grant credit: .* has processed all \d+ that it got, and the credit got lost/);
  t.truthy(culprit);
});

test.serial('a barrier that is swallowed is missed', async (t) => {
  // The element itself, and what its number would give away: those behind it move up.
  const skipped = new Map<string, number>();
  const run = await stalled({
    isSwallowed: ({ from, to, kind, message }) => {
      const sent = message as { element?: unknown; sequence?: number; producer?: number };
      if (kind !== 'channel-element' || sent.sequence === undefined) return false;
      const channel = `${from} ${to.host} ${to.name} ${String(sent.producer)}`;
      const shift = skipped.get(channel) ?? 0;
      const isBarrier =
        typeof sent.element === 'object' &&
        sent.element !== null &&
        'kind' in sent.element &&
        sent.element.kind === 'barrier';
      if (isBarrier && (skipped.size === 0 || shift > 0)) {
        skipped.set(channel, shift + 1);
        return true;
      }
      sent.sequence -= shift;
      return false;
    },
  });
  const { root, all } = explanationOf(t, run);
  t.is(skipped.size, 1);
  t.regex(root, /from workload\[\d\] on (tm-\d) to keyed.*\[\d\] on \1 .*never arrived/);
  t.regex(all, /aligns: barrier \d+ is missing from workload/);
});

test.serial('a barrier that is never put into its channel is missed', async (t) => {
  let culprit: object | undefined;
  const heal = swallowingEvents((event, channel) => {
    if (event.kind !== 'barrier') return false;
    culprit ??= channel;
    return culprit === channel;
  });
  const run = await stalled({});
  heal();
  const { root, all } = explanationOf(t, run);
  t.regex(
    root,
    /workload\[\d\] on tm-\d has passed barrier \d+ on, acknowledged \d+ [\d,]+ ms ago/,
  );
  t.regex(root, /the channel to keyed.*\[0\] on tm-\d is empty: it got lost there/);
  t.regex(all, /aligns: barrier \d+ is missing from workload/);
});

test.serial('registrations that a link drops are missed', async (t) => {
  const run = await stalled({
    definition: ONE_SLOT_EACH,
    more: {
      onStaged: ({ world }) => {
        world.network.addRule(({ from, to }) =>
          from === 'tm-2' && to === 'jm' ? { kind: 'drop' } : { kind: 'pass' },
        );
      },
    },
  });
  const { root, all } = explanationOf(t, run);
  t.regex(root, /the link tm-2 → jm drops messages: it has lost \d+ messages in a row since \d/);
  t.regex(all, /the job needs 2 slots, and has 1, for [\d,]+ ms: tm-2 is missing/);
  t.regex(all, /tm-2 is not registered: its \d+ registrations to jm in [\d,]+ ms were not/);
});

test.serial('a registration that is not answered is missed, though links work', async (t) => {
  const run = await stalled({
    definition: ONE_SLOT_EACH,
    isSwallowed: ({ kind, to }) => kind === 'registration-accepted' && to.host === 'tm-2',
  });
  const { root } = explanationOf(t, run);
  t.regex(root, /tm-2 is not registered: its \d+ registrations .* though both links work/);
});

test.serial('a promise of a file system that is never settled is missed', async (t) => {
  const run = await stalled({ more: { backend: hangingBackend } });
  const { root, all } = explanationOf(t, run);
  t.regex(all, /has been storing its snapshot for [\d,]+ ms; missing: state of /);
  t.regex(root, /no operation on a file or a service is under way on tm-\d/);
});

test.serial(
  'an operation that a disk takes for ever over is named, with who asked for it',
  async (t) => {
    const run = await stalled({
      more: {
        record: true,
        onStaged: ({ world, cluster }) => {
          world.onMark('checkpoint-completed', 1, () => {
            cluster.disk.faults.slow(1_000_000);
          });
        },
      },
    });
    const { root } = explanationOf(t, run);
    t.regex(root, /waits for `[a-z ]+ \/[^`]+`, asked for at [\d,]+ ms in [a-z-]+/);
  },
);

test.serial('a host that is paused for ever is named', async (t) => {
  const run = await stalled({
    definition: ONE_SLOT_EACH,
    more: {
      onStaged: ({ world }) => {
        world.onMark('checkpoint-completed', 1, () => {
          world.at(world.nowMs, 'pause', () => world.pause(address('tm-1')));
        });
      },
    },
  });
  const { root } = explanationOf(t, run);
  t.regex(root, /tm-1 is paused/);
});

test.serial('a reader that was given no split is named', async (t) => {
  const run = await stalled({
    isSwallowed: ({ kind }) => kind === 'reader-registered',
  });
  const { root } = explanationOf(t, run);
  t.regex(root, /the reader of workload\[\d\] is not registered with jm.*registration got lost/);
});

test.serial('the explanation takes no part in the fingerprint', async (t) => {
  const run = await stalled({ isSwallowed: ({ kind }) => kind === 'reader-registered' });
  const { message = '', property = '' } = run;
  const [firstLine = ''] = message.split('\n', 1);
  t.true(message.length > firstLine.length);
  const print = (text: string): string => {
    return fingerprintOf({ scenario: 'test/stalls', property, message: text });
  };
  t.is(print(message), print(firstLine));
});

/** Its outputs take bytes for ever. */
const hangingBackend: OpenBackend = (stage) => {
  const profile = openFs(stage);
  const { checkpointStorage: storage } = profile;
  if (storage === undefined) return profile;
  const checkpointStorage = noting(storage, {
    open(context) {
      const { coordinator, worker } = storage.open(context);
      const streamsFor: typeof worker.streamsFor = (checkpoint, directory) => {
        const streams = worker.streamsFor(checkpoint, directory);
        return noting(streams, {
          open: (scope, hint) =>
            noting(streams.open(scope, hint), { write: () => new Promise<void>(() => {}) }),
        });
      };
      return { coordinator, worker: noting(worker, { streamsFor }) };
    },
  });
  return { ...profile, checkpointStorage };
};
