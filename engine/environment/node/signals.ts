// Stopping on request: the first SIGINT or SIGTERM asks the job to stop, the second one ends the
// process as if nobody had listened. Ending it so is safe: what it did not commit, it does again.

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
type Signal = (typeof SIGNALS)[number];

/** Returns how to stop listening, which must be called once the job has ended. */
export function onTerminationSignal(stop: (signal: string) => void): () => void {
  let isAsked = false;
  const onSignal = (signal: Signal): void => {
    if (isAsked) {
      remove();
      process.kill(process.pid, signal);
      return;
    }
    isAsked = true;
    stop(signal);
  };
  const remove = (): void => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return remove;
}
