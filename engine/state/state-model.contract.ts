// Any sequence of operations, snapshots and restores leaves a backend with what plain Maps would
// hold. Every snapshot is written while later operations go on, and is read back at another
// parallelism.

import test from 'ava';
import fc from 'fast-check';

import type { KeyedStateBackend } from './state-backend.ts';
import type { KeyedStateHandle } from './state-handle.ts';
import { applyOperation, fireTimers, joinContents, readContent } from './testing/modeled-states.ts';
import { differenceOf, type StateContent } from './testing/model-content.ts';
import type { StateOperation } from './testing/model-operations.ts';
import { stateOperation, timestamp } from './testing/state-operations.contract.ts';
import { StateModel } from './testing/state-model.ts';
import type { CreateBackend } from './testing/state-world.ts';
import { StateWorld } from './testing/state-world.ts';

type Command =
  | { readonly kind: 'operate'; readonly operation: StateOperation }
  | { readonly kind: 'fire'; readonly timestamp: number }
  | { readonly kind: 'elapse'; readonly byMs: number }
  | { readonly kind: 'snapshot' }
  | { readonly kind: 'finish' };

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    arbitrary: fc.record({ kind: fc.constant('operate' as const), operation: stateOperation }),
    weight: 12,
  },
  { arbitrary: fc.record({ kind: fc.constant('fire' as const), timestamp }), weight: 1 },
  {
    arbitrary: fc.record({ kind: fc.constant('elapse' as const), byMs: fc.nat(90) }),
    weight: 1,
  },
  { arbitrary: fc.constant<Command>({ kind: 'snapshot' }), weight: 1 },
  { arbitrary: fc.constant<Command>({ kind: 'finish' }), weight: 1 },
);

export function stateModelContract(name: string, create: CreateBackend): void {
  test(`${name}: operations, snapshots and restores do what plain Maps do`, async (t) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(command, { maxLength: 60, size: 'max' }),
        fc.integer({ min: 1, max: 4 }),
        (commands, parallelism) => run(create, commands, parallelism),
      ),
      { numRuns: 80 },
    );
    t.pass();
  });
}

async function run(
  create: CreateBackend,
  commands: readonly Command[],
  parallelism: number,
): Promise<void> {
  const world = new StateWorld(create);
  const backend = await world.open();
  const model = new StateModel();
  const running: { handle: Promise<KeyedStateHandle | undefined>; model: StateModel }[] = [];
  for (const next of [...commands, { kind: 'snapshot' } as const]) {
    if (next.kind === 'snapshot') {
      world.streams.hold();
      running.push({ handle: world.startSnapshot(backend), model: model.copy() });
    } else if (next.kind === 'finish') {
      world.streams.release();
      await Promise.all(running.map(({ handle }) => handle));
    } else await step(next, { backend, model, world });
  }
  compare(await readContent(backend), model.content(), 'live');
  world.streams.release();
  for (const [index, { handle, model: expected }] of running.entries()) {
    const written = await handle;
    const restore = written === undefined ? [] : [written];
    const subtasks = await world.openAll({ parallelism, restore });
    const parts = await Promise.all(subtasks.map(readContent));
    expected.nowMs = world.nowMs;
    compare(joinContents(parts), expected.content(), `snapshot ${index}`);
    for (const subtask of subtasks) await subtask.dispose();
  }
  await backend.dispose();
}

interface Live {
  readonly backend: KeyedStateBackend;
  readonly model: StateModel;
  readonly world: StateWorld;
}

async function step(
  next: Extract<Command, { kind: 'operate' | 'fire' | 'elapse' }>,
  { backend, model, world }: Live,
): Promise<void> {
  if (next.kind === 'operate') {
    await applyOperation(backend, next.operation);
    model.apply(next.operation);
  } else if (next.kind === 'fire') {
    const fired = await fireTimers(backend, next.timestamp);
    const expected = model.fire(next.timestamp);
    if (fired.join() !== expected.join())
      throw new Error(`fired ${fired.join()} not ${expected.join()}`);
  } else {
    world.nowMs += next.byMs;
    model.nowMs = world.nowMs;
  }
}

function compare(content: StateContent, expected: StateContent, what: string): void {
  const difference = differenceOf(content, expected);
  if (difference !== undefined) throw new Error(`${what}, ${difference}`);
}
