// Ctrl-C and its like: the first one asks to stop, and what is there is written down in order; the
// second one ends the process at once.

export type StopSignal = 'SIGINT' | 'SIGTERM';

export interface StopListener {
  /** Which signal came, if one did. */
  readonly signal: StopSignal | undefined;
  ignore(): void;
}

export function onStopSignal(stop: () => void): StopListener {
  const listener: { signal: StopSignal | undefined; ignore: () => void } = {
    signal: undefined,
    ignore: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
  function onSignal(signal: NodeJS.Signals): void {
    if (listener.signal !== undefined) {
      listener.ignore();
      process.kill(process.pid, signal);
    }
    listener.signal = signal === 'SIGTERM' ? 'SIGTERM' : 'SIGINT';
    stop();
  }
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return listener;
}
