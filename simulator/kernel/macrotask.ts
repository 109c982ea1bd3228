// The one place of the simulator that touches the real event loop: hops to a macrotask boundary, by
// which every microtask has run. It decides nothing about simulated time or order. Node's functions
// are captured when this module loads, so that the ambient guard does not trap the kernel itself.

/**
 * Resolves once no microtask is left. Calls `onDrained` at the very moment there is none, before
 * any other code of the process gets a turn; it must not schedule anything.
 */
export type Drain = (onDrained: () => void) => Promise<void>;

interface EventLoop {
  readonly setImmediate: (wake: () => void) => unknown;
  readonly process: { readonly nextTick: (wake: () => void) => void };
}

const loop = globalThis as unknown as EventLoop;
const hop = loop.setImmediate;
const nextTick = loop.process.nextTick.bind(loop.process);

/**
 * Inside a microtask, Node runs a tick only after all other microtasks: that is the drained moment.
 * The hop after it lets the process report unhandled rejections and serve others.
 */
export const macrotask: Drain = (onDrained) =>
  new Promise((resolve) => {
    nextTick(onDrained);
    hop(resolve);
  });
