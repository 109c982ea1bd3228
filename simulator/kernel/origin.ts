// Where in the engine something was asked for: the modules on the stack, nearest first. For people;
// it never enters a digest. The stack becomes text only when somebody asks.

/** As V8 prints a frame: `at async name (file:///…/engine/state/x.ts:1:2)`. */
const MODULE = /\/engine\/((?:[\w-]+\/)+[\w-]+)\.[cm]?[jt]s:\d+:\d+\)?$/;
/** How, and not what for. */
const PLUMBING = /^(environment|core)\/|\/durable-files$|\/actor-system$/;
const MODULES_MAX = 3;

export class Origin {
  readonly #error = new Error('where');

  /** Without folders: `subtask-snapshot ← task-checkpoints`. Undefined where it was no engine. */
  get text(): string | undefined {
    const modules = new Set<string>();
    for (const line of (this.#error.stack ?? '').split('\n')) {
      const [, module] = MODULE.exec(line) ?? [];
      if (module === undefined || PLUMBING.test(module)) continue;
      modules.add(module.slice(module.lastIndexOf('/') + 1));
    }
    return modules.size === 0 ? undefined : [...modules].slice(0, MODULES_MAX).join(' ← ');
  }
}
