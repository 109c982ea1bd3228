// Kinds of state and of connections, each across the loss of a host: broadcast, union and split
// state, two inputs, side outputs, partitionings, and weaker or denser checkpoints.

import test from 'ava';

import { OutputTag } from '../../engine/operator/output-tag.ts';
import {
  broadcastState,
  unionListState,
} from '../../engine/operator/operator-state-descriptors.ts';
import { listState, valueState } from '../../engine/operator/state-descriptors.ts';
import { takeReached } from '../../engine/core/sometimes.ts';
import { Cluster, type ClusterOptions } from '../support/cluster.ts';
import {
  type Counted,
  countPerKey,
  type Numbered,
  numbers,
  slowly,
  wrongCount,
} from '../support/jobs.ts';

const COUNT = 200;
const PACE = { count: COUNT, recordsPerSecond: 60 };

/** Loses a host twice, each time after a checkpoint. */
async function survive(options: ClusterOptions): Promise<Cluster> {
  const cluster = Cluster.start({ taskManagers: 3, slots: 1, parallelism: 3, ...options });
  for (const which of ['first', 'last'] as const) {
    await cluster.untilCheckpointsMore(2);
    cluster.kill(cluster.aWorker(which), 50);
    await cluster.untilRunning(cluster.events('job-running').length + 1);
  }
  await cluster.untilEnd();
  return cluster;
}

function idsOf(output: readonly { readonly id: number }[]): readonly number[] {
  return output.map(({ id }) => id).sort((a, b) => a - b);
}

const ALL = Array.from({ length: COUNT }, (_, id) => id);

test.serial('at least once loses nothing, and may repeat', async (t) => {
  const cluster = await survive({
    job: (env, { sink }) => {
      env.enableCheckpointing(200, 'AT_LEAST_ONCE');
      countPerKey(numbers(env, PACE).rebalance()).sinkTo(sink());
    },
  });
  t.deepEqual([...new Set(idsOf(cluster.output<Counted>()))], ALL);
});

test.serial('several checkpoints at once complete in order and lose nothing', async (t) => {
  takeReached();
  const cluster = await survive({
    job: (env, { sink }) => {
      env.enableCheckpointing(20);
      env.getCheckpointConfig().setMaxConcurrentCheckpoints(4).setRetainedCheckpoints(3);
      const source = numbers(env, { count: COUNT, recordsPerSecond: 40 });
      countPerKey(source.rebalance()).rebalance().sinkTo(slowly(sink(), 60));
    },
  });
  const completed = cluster.events('checkpoint-completed').map(({ checkpoint }) => checkpoint);
  t.deepEqual(
    completed,
    completed.toSorted((a, b) => a - b),
  );
  t.true(mostAtOnce(cluster) > 1, `${mostAtOnce(cluster)} at once`);
  t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
});

test.serial('broadcast state is the same on every subtask after a restore', async (t) => {
  const cluster = await survive({
    job: (env, { sink }) => {
      const rules = env
        .fromCollection([{ factor: 10 }, { factor: 20 }], { name: 'rules' })
        .uid('rules')
        .broadcast({ rules: broadcastState<string, number>('rules') });
      numbers(env, PACE)
        .connect(rules)
        .process({
          processElement({ id }, context, out) {
            out.collect({ id, sum: [...context.broadcastState.rules.values()].reduce(add, 0) });
          },
          processBroadcastElement({ factor }, context) {
            context.broadcastState.rules.put(String(factor), factor);
          },
        })
        .uid('apply')
        .sinkTo(sink());
    },
  });
  const output = cluster.output<{ id: number; sum: number }>();
  t.deepEqual(idsOf(output), ALL);
  // The rules are read once, at the very start: a restored subtask without them would show.
  t.true(output.filter(({ id }) => id > 60).every(({ sum }) => sum === 30));
});

test.serial('union state gives every subtask the elements of all', async (t) => {
  const cluster = await survive({
    job: (env, { sink }) => {
      numbers(env, PACE)
        .rebalance()
        .process<{ id: number; known: number }, { all: ReturnType<typeof unionListState<number>> }>(
          {
            operatorState: { all: unionListState<number>('all') },
            processElement({ id }, context, out) {
              const { all } = context.operatorState;
              if (all.get().length === 0) all.add(context.subtaskIndex);
              out.collect({ id, known: new Set(all.get()).size });
            },
          },
        )
        .uid('union')
        .sinkTo(sink());
    },
  });
  const output = cluster.output<{ id: number; known: number }>();
  t.deepEqual(idsOf(output), ALL);
  t.true(output.filter(({ id }) => id > COUNT - 20).every(({ known }) => known === 3));
});

test.serial('a split list is dealt out and nothing of it is lost or doubled', async (t) => {
  const cluster = Cluster.start({
    job: (env, { sink }) => {
      env.setMaxParallelism(8);
      numbers(env, PACE)
        .rebalance()
        .process<Held, { held: ReturnType<typeof listState<number>> }>({
          operatorState: { held: listState<number>('held') },
          processElement({ id }, { operatorState: { held }, parallelism, subtaskIndex }, out) {
            if (id < 20) held.add(id);
            const isRescaled = parallelism === 4;
            out.collect({ id, subtaskIndex, held: isRescaled ? [...held.get()] : [] });
          },
        })
        .uid('hold')
        .sinkTo(sink());
    },
  });
  await cluster.untilCheckpoint(3);
  cluster.suspend(true);
  await cluster.untilSuspended();
  cluster.resume(4);
  await cluster.untilEnd();
  const output = cluster.output<Held>();
  t.deepEqual(idsOf(output), ALL);
  const owners = new Set(
    output.flatMap(({ held, subtaskIndex }) => held.map((id) => `${id} at ${subtaskIndex}`)),
  );
  const owned = [...owners].map((owner) => Number.parseInt(owner, 10)).sort((a, b) => a - b);
  t.deepEqual(
    owned,
    Array.from({ length: 20 }, (_, id) => id),
  );
});

interface Held {
  readonly id: number;
  readonly subtaskIndex: number;
  readonly held: readonly number[];
}

test.serial('a function with two inputs shares its state between them', async (t) => {
  const cluster = await survive({
    job: (env, { sink }) => {
      const left = numbers(env, { ...PACE, count: 100, name: 'left' });
      const right = numbers(env, { ...PACE, count: 100, name: 'right', from: 100 });
      const count = (
        { id, key }: Numbered,
        state: { value(): number | undefined; update(value: number): void },
      ): Counted => {
        const next = (state.value() ?? 0) + 1;
        state.update(next);
        return { id, key, count: next };
      };
      left
        .keyBy(({ key }) => key)
        .connect(right.keyBy(({ key }) => key))
        .process<Counted, { readonly count: ReturnType<typeof valueState<number>> }>({
          state: { count: valueState<number>('count') },
          processElement1: (value, context, out) => out.collect(count(value, context.state.count)),
          processElement2: (value, context, out) => out.collect(count(value, context.state.count)),
        })
        .uid('join')
        .sinkTo(sink());
    },
  });
  t.is(wrongCount(cluster.output<Counted>(), COUNT), undefined);
});

test.serial(
  'side outputs cross to other tasks and are committed like the main output',
  async (t) => {
    const odd = new OutputTag<{ readonly id: number }>('odd');
    const cluster = await survive({
      job: (env, { sink }) => {
        const main = numbers(env, PACE)
          .process<{ readonly id: number }>({
            processElement({ id }, context, out) {
              if (id % 2 === 0) out.collect({ id });
              else context.output(odd, { id });
            },
          })
          .uid('split');
        main.sinkTo(sink('even'));
        main.getSideOutput(odd).rebalance().sinkTo(sink('odd'));
      },
    });
    t.deepEqual(
      idsOf(cluster.output<{ id: number }>('even')),
      ALL.filter((id) => id % 2 === 0),
    );
    t.deepEqual(
      idsOf(cluster.output<{ id: number }>('odd')),
      ALL.filter((id) => id % 2 === 1),
    );
  },
);

test.serial('every partitioning delivers each record once, broadcast to each', async (t) => {
  const cluster = await survive({
    job: (env, { sink }) => {
      const source = numbers(env, PACE);
      source.rescale().sinkTo(sink('rescale')).setParallelism(1);
      source.global().sinkTo(sink('global'));
      source.rebalance().sinkTo(sink('rebalance'));
      source.broadcast().sinkTo(sink('broadcast'));
    },
  });
  for (const prefix of ['rescale', 'global', 'rebalance']) {
    t.deepEqual(idsOf(cluster.output<{ id: number }>(prefix)), ALL, prefix);
  }
  const threeTimes = ALL.flatMap((id) => [id, id, id]);
  t.deepEqual(idsOf(cluster.output<{ id: number }>('broadcast')), threeTimes);
});

function mostAtOnce(cluster: Cluster): number {
  const open = new Set<number>();
  let most = 0;
  for (const event of cluster.allEvents()) {
    if (event.kind === 'checkpoint-triggered') open.add(event.checkpoint);
    if (event.kind === 'checkpoint-completed') open.delete(event.checkpoint);
    if (event.kind === 'checkpoint-aborted' && event.checkpoint !== undefined) {
      open.delete(event.checkpoint);
    }
    most = Math.max(most, open.size);
  }
  return most;
}

function add(left: number, right: number): number {
  return left + right;
}
