// The port by which the kernel tells others when code of a host is running. The ambient guard is
// behind it; without a guard nobody listens.

export interface StepScope {
  /** Code of a host starts to run. */
  enter(): void;
  /** No code of a host runs anymore. May be called again without `enter`. */
  leave(): void;
  /** Runs code of the simulator on behalf of a host, whose code goes on afterwards. */
  unguarded<T>(work: () => T): T;
  /** What code of a host did that is forbidden, even if it swallowed the error; clears it. */
  takeViolation(): unknown;
}

export const openScope: StepScope = {
  enter: () => undefined,
  leave: () => undefined,
  unguarded: (work) => work(),
  takeViolation: () => undefined,
};
