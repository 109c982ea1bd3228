// Everything in Node from which a program can learn or do something that a seed does not decide,
// and what to use instead: the guard's list, as data. Not coverable at run time: `import()`, and a
// function that somebody took off its object before the guard was installed.

/** `holder` is a path from the global object, or `node:<module>` and a path from there. */
export interface AmbientGroup {
  readonly holder: string;
  /** Undefined: every function of the holder. */
  readonly members?: readonly string[];
  readonly replacement: string;
}

const CLOCK = 'Use environment.clock: time is simulated';
const SCHEDULE = 'Use environment.clock.schedule: order is for the simulator to choose';
const RANDOM = "Use environment.random.fork('...'): a draw must replay from its seed";
const ORDER = 'Compare with < or an explicit comparator, and format by hand: ICU data differs';
const ZONE = 'Use the UTC methods: the time zone differs between machines';
const LIFETIME = 'Give it an explicit lifetime: garbage collection is not deterministic';
const SYNCHRONOUS = 'Use the function that ends in Sync: threads finish in any order';
const NETWORK = 'Use environment.network: the network is simulated';
const FILES = 'Use environment.filesystem: files are simulated';
const HOSTS = 'Use one simulated host for each process or thread';
const MACHINE = 'Pass it in as configuration: it differs between machines';
const DOOR = 'Take what you need from the Environment: it is the only door';

function group(holder: string, names: string, replacement: string): AmbientGroup {
  return { holder, members: names.split(' '), replacement };
}

function wholeModule(name: string, replacement: string): AmbientGroup {
  return { holder: `node:${name}`, replacement };
}

const TIME: readonly AmbientGroup[] = [
  group('globalThis', 'Date', CLOCK),
  group('Date', 'now', CLOCK),
  group('performance', 'now timeOrigin mark measure toJSON eventLoopUtilization timerify', CLOCK),
  group('node:perf_hooks', 'eventLoopUtilization timerify monitorEventLoopDelay', CLOCK),
  group('process.hrtime', 'bigint', CLOCK),
  group('process', 'hrtime uptime', CLOCK),
  group('Event.prototype', 'timeStamp', CLOCK),
];

const TIMERS: readonly AmbientGroup[] = [
  group('globalThis', 'setTimeout setInterval setImmediate queueMicrotask', SCHEDULE),
  group('process', 'nextTick', SCHEDULE),
  group('node:timers', 'setTimeout setInterval setImmediate', SCHEDULE),
  group('node:timers/promises', 'setTimeout setInterval setImmediate', SCHEDULE),
  group('node:timers/promises.scheduler', 'wait yield', SCHEDULE),
  group('AbortSignal', 'timeout', SCHEDULE),
  group('Atomics', 'wait waitAsync', SCHEDULE),
];

const RANDOMNESS: readonly AmbientGroup[] = [
  group('Math', 'random', RANDOM),
  group('crypto', 'randomUUID getRandomValues subtle', RANDOM),
  group(
    'node:crypto',
    'randomUUID randomBytes randomInt randomFill randomFillSync pseudoRandomBytes generateKey ' +
      'generateKeySync generateKeyPair generateKeyPairSync',
    RANDOM,
  ),
];

const THREADS: readonly AmbientGroup[] = [
  group('node:crypto', 'pbkdf2 scrypt hkdf', SYNCHRONOUS),
  group(
    'node:zlib',
    'deflate deflateRaw gzip inflate inflateRaw gunzip unzip brotliCompress brotliDecompress',
    SYNCHRONOUS,
  ),
];

const LOCALE: readonly AmbientGroup[] = [
  group('Intl.DateTimeFormat.prototype', 'format formatToParts', CLOCK),
  group(
    'Intl',
    'Collator DateTimeFormat DisplayNames DurationFormat ListFormat NumberFormat PluralRules ' +
      'RelativeTimeFormat Segmenter',
    ORDER,
  ),
  group('String.prototype', 'localeCompare toLocaleLowerCase toLocaleUpperCase', ORDER),
  group('Number.prototype', 'toLocaleString', ORDER),
  group('BigInt.prototype', 'toLocaleString', ORDER),
  group('Array.prototype', 'toLocaleString', ORDER),
  group('Date.prototype', 'toLocaleString toLocaleDateString toLocaleTimeString', ORDER),
  group(
    'Date.prototype',
    'toString toDateString toTimeString getTimezoneOffset getFullYear getMonth getDate getDay ' +
      'getHours getMinutes',
    ZONE,
  ),
];

const MEMORY: readonly AmbientGroup[] = [
  group('globalThis', 'WeakRef FinalizationRegistry', LIFETIME),
  group('process', 'memoryUsage resourceUsage cpuUsage', LIFETIME),
  group('process', 'constrainedMemory availableMemory', LIFETIME),
];

const OUTSIDE: readonly AmbientGroup[] = [
  group('globalThis', 'fetch WebSocket EventSource', NETWORK),
  group('globalThis', 'BroadcastChannel MessageChannel', HOSTS),
  wholeModule('fs', FILES),
  wholeModule('fs/promises', FILES),
  ...['net', 'tls', 'dgram', 'http', 'https', 'http2', 'dns', 'dns/promises'].map((name) =>
    wholeModule(name, NETWORK),
  ),
  ...['child_process', 'worker_threads', 'cluster'].map((name) => wholeModule(name, HOSTS)),
];

const MACHINE_STATE: readonly AmbientGroup[] = [
  group('process', 'env pid ppid argv execArgv cwd title exit kill', MACHINE),
  group('navigator', 'hardwareConcurrency language languages', MACHINE),
  wholeModule('os', MACHINE),
  group('process', 'getBuiltinModule binding dlopen', DOOR),
];

/** In the order of installation; members of a function come before the function itself. */
export const AMBIENT_GROUPS: readonly AmbientGroup[] = [
  ...TIME.slice(1),
  ...TIMERS,
  ...RANDOMNESS,
  ...THREADS,
  ...LOCALE,
  ...MEMORY,
  ...OUTSIDE,
  ...MACHINE_STATE,
  ...TIME.slice(0, 1),
];
