// Fixtures: time, timers, chance and memory.

import nodeCrypto, {
  generateKey,
  generateKeyPair,
  generateKeyPairSync,
  generateKeySync,
  getRandomValues,
  hkdf,
  pbkdf2,
  randomBytes,
  randomFill,
  randomFillSync,
  randomInt,
  randomUUID,
  scrypt,
} from 'node:crypto';
import { eventLoopUtilization, monitorEventLoopDelay, timerify } from 'node:perf_hooks';
import * as timers from 'node:timers';
import * as promised from 'node:timers/promises';
import * as zlib from 'node:zlib';
import { type Fixture, trapContract } from './trap.contract.ts';

const bytes = new Uint8Array(8);
const shared = new Int32Array(new SharedArrayBuffer(4));
const ignore = () => undefined;
const { scheduler } = promised;

/** What the types do not know; read when used, so that the trap is met. */
const late = (holder: object, name: string) => Reflect.get(holder, name) as () => unknown;

const CLOCKS: readonly Fixture[] = [
  ['Date', () => Date()],
  ['Date.now', () => Date.now()],
  ['performance.now', () => performance.now()],
  ['performance.timeOrigin', () => performance.timeOrigin],
  ['performance.mark', () => performance.mark('x')],
  ['performance.measure', () => performance.measure('x')],
  ['performance.toJSON', (): unknown => performance.toJSON()],
  ['performance.eventLoopUtilization', () => performance.eventLoopUtilization()],
  ['performance.timerify', () => performance.timerify(ignore)],
  ['node:perf_hooks.eventLoopUtilization', () => eventLoopUtilization()],
  ['node:perf_hooks.timerify', () => timerify(ignore)],
  ['node:perf_hooks.monitorEventLoopDelay', () => monitorEventLoopDelay()],
  ['process.hrtime', () => process.hrtime()],
  ['process.hrtime.bigint', () => process.hrtime.bigint()],
  ['process.uptime', () => process.uptime()],
  ['Event.prototype.timeStamp', () => new Event('x').timeStamp],
];

const TIMERS: readonly Fixture[] = [
  ['setTimeout', () => setTimeout(ignore, 0)],
  ['setInterval', () => setInterval(ignore, 0)],
  ['setImmediate', () => setImmediate(ignore)],
  ['queueMicrotask', () => queueMicrotask(ignore)],
  ['process.nextTick', () => process.nextTick(ignore)],
  ['node:timers.setTimeout', () => timers.setTimeout(ignore, 0)],
  ['node:timers.setInterval', () => timers.setInterval(ignore, 0)],
  ['node:timers.setImmediate', () => timers.setImmediate(ignore)],
  ['node:timers/promises.setTimeout', () => promised.setTimeout(0)],
  ['node:timers/promises.setInterval', () => promised.setInterval(0)],
  ['node:timers/promises.setImmediate', () => promised.setImmediate()],
  ['node:timers/promises.scheduler.wait', () => scheduler.wait(0)],
  ['node:timers/promises.scheduler.yield', () => scheduler.yield()],
  ['AbortSignal.timeout', () => AbortSignal.timeout(1)],
  ['Atomics.wait', () => Atomics.wait(shared, 0, 1, 1)],
  ['Atomics.waitAsync', () => late(Atomics, 'waitAsync')()],
];

const CHANCE: readonly Fixture[] = [
  ['Math.random', () => Math.random()],
  ['crypto.randomUUID', () => crypto.randomUUID()],
  ['crypto.getRandomValues', () => crypto.getRandomValues(bytes)],
  ['crypto.subtle', () => crypto.subtle],
  ['node:crypto.randomUUID', () => randomUUID()],
  ['node:crypto.randomBytes', () => randomBytes(8)],
  ['node:crypto.randomInt', () => randomInt(8)],
  ['node:crypto.randomFill', () => randomFill(bytes, ignore)],
  ['node:crypto.randomFillSync', () => randomFillSync(bytes)],
  ['crypto.getRandomValues', () => getRandomValues(bytes), 'named import'],
  ['node:crypto.pseudoRandomBytes', () => late(nodeCrypto, 'pseudoRandomBytes')()],
  ['node:crypto.generateKey', () => generateKey('hmac', { length: 64 }, ignore)],
  ['node:crypto.generateKeySync', () => generateKeySync('hmac', { length: 64 })],
  ['node:crypto.generateKeyPair', () => generateKeyPair('ed25519', {}, ignore)],
  ['node:crypto.generateKeyPairSync', () => generateKeyPairSync('ed25519')],
  ['node:crypto.pbkdf2', () => pbkdf2('x', 'y', 1, 8, 'sha1', ignore)],
  ['node:crypto.scrypt', () => scrypt('x', 'y', 8, ignore)],
  ['node:crypto.hkdf', () => hkdf('sha1', 'x', 'y', 'z', 8, ignore)],
];

const THREADS: readonly Fixture[] = [
  ['node:zlib.deflate', () => zlib.deflate(bytes, ignore)],
  ['node:zlib.deflateRaw', () => zlib.deflateRaw(bytes, ignore)],
  ['node:zlib.gzip', () => zlib.gzip(bytes, ignore)],
  ['node:zlib.inflate', () => zlib.inflate(bytes, ignore)],
  ['node:zlib.inflateRaw', () => zlib.inflateRaw(bytes, ignore)],
  ['node:zlib.gunzip', () => zlib.gunzip(bytes, ignore)],
  ['node:zlib.unzip', () => zlib.unzip(bytes, ignore)],
  ['node:zlib.brotliCompress', () => zlib.brotliCompress(bytes, ignore)],
  ['node:zlib.brotliDecompress', () => zlib.brotliDecompress(bytes, ignore)],
];

const MEMORY: readonly Fixture[] = [
  ['WeakRef', () => new WeakRef({})],
  ['FinalizationRegistry', () => new FinalizationRegistry(ignore)],
  ['process.memoryUsage', () => process.memoryUsage()],
  ['process.resourceUsage', () => process.resourceUsage()],
  ['process.cpuUsage', () => process.cpuUsage()],
  ['process.constrainedMemory', () => process.constrainedMemory()],
  ['process.availableMemory', () => process.availableMemory()],
];

trapContract(import.meta.url, [...CLOCKS, ...TIMERS, ...CHANCE, ...THREADS, ...MEMORY]);
