// Reachability marks, the dual of assert: a condition that is allowed to be true and that, across a
// sweep of seeds, must be true at least once. The counter is module-level state; whoever runs a
// sweep reads and resets it.

const reached = new Map<string, number>();

/** Counts that `what` was reached, if `condition` holds. Costs one branch when it does not. */
export function sometimes(condition: boolean, what: string): void {
  if (condition) reached.set(what, (reached.get(what) ?? 0) + 1);
}

/** The marks reached since the last call, by name, ascending; starts a new count. */
export function takeReached(): ReadonlyMap<string, number> {
  const names = [...reached.keys()].sort();
  const taken = new Map(names.map((name) => [name, reached.get(name) ?? 0]));
  reached.clear();
  return taken;
}
