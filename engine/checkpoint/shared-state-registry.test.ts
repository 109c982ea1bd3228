// Flink's vectors for shared state: a file goes with the last checkpoint that used it.

import test from 'ava';
import fc from 'fast-check';

import { InvariantViolation } from '../core/assert.ts';
import { checkpointId } from '../core/ids.ts';
import type { SharedStateHandle } from './completed-checkpoint.ts';
import { SharedStateRegistry } from './shared-state-registry.ts';

function shared(path: string, checksum = 1): SharedStateHandle {
  return { kind: 'file', path, sizeBytes: 1, checksum, scope: 'shared' };
}

function unregister(registry: SharedStateRegistry, lowest: number): [string[], number[]] {
  const { discard, keepCheckpoints } = registry.unregisterUnused(checkpointId(lowest));
  return [discard.map(({ path }) => path), [...keepCheckpoints]];
}

test('a file used by a retained checkpoint stays, and goes with the last one', (t) => {
  const registry = new SharedStateRegistry();
  registry.register(shared('k'), checkpointId(1));
  registry.register(shared('k'), checkpointId(2));
  t.deepEqual(unregister(registry, 2), [[], []]);
  t.true(registry.has('k'));
  t.deepEqual(unregister(registry, 3), [['k'], []]);
  t.false(registry.has('k'));
});

test('a file that a checkpoint under way may refer to stays until that is over', (t) => {
  const registry = new SharedStateRegistry();
  registry.register(shared('k'), checkpointId(1));
  // 2 is complete and does without the file; 3 began when 1 was the newest one.
  const { discard } = registry.unregisterUnused(checkpointId(2), checkpointId(1));
  t.deepEqual(discard, []);
  registry.register(shared('k'), checkpointId(3));
  t.deepEqual(unregister(registry, 3), [[], []]);
  t.deepEqual(unregister(registry, 4), [['k'], []]);
});

test('files of a restored savepoint keep its directory while they are used', (t) => {
  const registry = new SharedStateRegistry();
  const restored = { handles: [shared('r')], checkpoint: checkpointId(1) };
  registry.registerRestored({ ...restored, claimed: true, keepsCreator: true });
  registry.register(shared('r'), checkpointId(2));
  registry.register(shared('r'), checkpointId(3));
  registry.register(shared('new'), checkpointId(4));
  t.deepEqual(unregister(registry, 3), [[], [1]]);
  t.deepEqual(unregister(registry, 4), [['r'], []]);
});

test('a restored checkpoint is not kept for its shared files, unless a user says so', (t) => {
  const registry = new SharedStateRegistry();
  const restored = { handles: [shared('r')], checkpoint: checkpointId(1) };
  registry.registerRestored({ ...restored, claimed: true, keepsCreator: false });
  registry.register(shared('r'), checkpointId(2));
  t.deepEqual(unregister(registry, 2), [[], []]);
  registry.register(shared('r'), checkpointId(2), true);
  registry.register(shared('r'), checkpointId(3));
  t.deepEqual(unregister(registry, 3), [[], [1]]);
});

test('files of a snapshot that is not ours are forgotten but never deleted', (t) => {
  const registry = new SharedStateRegistry();
  const restored = { handles: [shared('theirs')], checkpoint: checkpointId(7) };
  registry.registerRestored({ ...restored, claimed: false, keepsCreator: false });
  registry.register(shared('ours'), checkpointId(8));
  t.deepEqual(unregister(registry, 9), [['ours'], []]);
  t.false(registry.has('theirs'));
});

test('two different files under one name are a bug, and found', (t) => {
  const registry = new SharedStateRegistry();
  registry.register(shared('k', 1), checkpointId(1));
  t.throws(() => registry.register(shared('k', 2), checkpointId(2)), {
    instanceOf: InvariantViolation,
  });
});

test('a file is deleted exactly when no retained checkpoint uses it any more', (t) => {
  const use = fc.record({
    file: fc.integer({ min: 0, max: 4 }),
    by: fc.integer({ min: 1, max: 9 }),
  });
  fc.assert(
    fc.property(fc.array(use), fc.integer({ min: 1, max: 10 }), (uses, lowest) => {
      const registry = new SharedStateRegistry();
      for (const { file, by } of uses) registry.register(shared(`f${file}`), checkpointId(by));
      const [discarded] = unregister(registry, lowest);
      const used = new Set(uses.filter(({ by }) => by >= lowest).map(({ file }) => `f${file}`));
      const unused = new Set(uses.map(({ file }) => `f${file}`).filter((path) => !used.has(path)));
      t.deepEqual(discarded.toSorted(), [...unused].toSorted());
      t.deepEqual([...registry.paths()].toSorted(), [...used].toSorted());
    }),
  );
});
