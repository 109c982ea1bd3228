// Fixtures: locale and time zone, the process and its machine, files, network, other processes.

import { spawn } from 'node:child_process';
import cluster from 'node:cluster';
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns';
import { resolve } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { get } from 'node:https';
import { connect, Socket } from 'node:net';
import { cpus } from 'node:os';
import { connect as connectTls } from 'node:tls';
import { Worker } from 'node:worker_threads';
import { type Fixture, trapContract } from './trap.contract.ts';

const date = new Date(0);
const german = new Intl.DateTimeFormat('de', { timeZone: 'UTC' });
const url = 'http://localhost:1';

/** For what this version's types or other runtimes do not know. */
const member = (holder: object, name: string): unknown => Reflect.get(holder, name);

const LOCALE: readonly Fixture[] = [
  ['Intl.DateTimeFormat.prototype.format', () => german.format()],
  ['Intl.DateTimeFormat.prototype.formatToParts', () => german.formatToParts()],
  ['Intl.Collator', () => new Intl.Collator()],
  ['Intl.DateTimeFormat', () => new Intl.DateTimeFormat()],
  ['Intl.DisplayNames', () => new Intl.DisplayNames('de', { type: 'region' })],
  ['Intl.DurationFormat', () => new (member(Intl, 'DurationFormat') as new () => object)()],
  ['Intl.ListFormat', () => new Intl.ListFormat()],
  ['Intl.NumberFormat', () => new Intl.NumberFormat()],
  ['Intl.PluralRules', () => new Intl.PluralRules()],
  ['Intl.RelativeTimeFormat', () => new Intl.RelativeTimeFormat()],
  ['Intl.Segmenter', () => new Intl.Segmenter()],
  ['String.prototype.localeCompare', () => 'a'.localeCompare('b')],
  ['String.prototype.toLocaleLowerCase', () => 'a'.toLocaleLowerCase()],
  ['String.prototype.toLocaleUpperCase', () => 'a'.toLocaleUpperCase()],
  ['Number.prototype.toLocaleString', () => (1.5).toLocaleString()],
  ['BigInt.prototype.toLocaleString', () => 1n.toLocaleString()],
  ['Array.prototype.toLocaleString', () => [1, 2].toLocaleString()],
  ['Date.prototype.toLocaleString', () => date.toLocaleString()],
  ['Date.prototype.toLocaleDateString', () => date.toLocaleDateString()],
  ['Date.prototype.toLocaleTimeString', () => date.toLocaleTimeString()],
  ['Date.prototype.toString', () => date.toString()],
  ['Date.prototype.toDateString', () => date.toDateString()],
  ['Date.prototype.toTimeString', () => date.toTimeString()],
  ['Date.prototype.getTimezoneOffset', () => date.getTimezoneOffset()],
  ['Date.prototype.getFullYear', () => date.getFullYear()],
  ['Date.prototype.getMonth', () => date.getMonth()],
  ['Date.prototype.getDate', () => date.getDate()],
  ['Date.prototype.getDay', () => date.getDay()],
  ['Date.prototype.getHours', () => date.getHours()],
  ['Date.prototype.getMinutes', () => date.getMinutes()],
];

const MACHINE: readonly Fixture[] = [
  ['process.env', () => process.env],
  ['process.pid', () => process.pid],
  ['process.ppid', () => process.ppid],
  ['process.argv', () => process.argv],
  ['process.execArgv', () => process.execArgv],
  ['process.cwd', () => process.cwd()],
  ['process.title', () => process.title],
  ['process.exit', () => process.exit(3)],
  ['process.kill', () => process.kill(0)],
  ['navigator.hardwareConcurrency', () => navigator.hardwareConcurrency],
  ['navigator.language', () => navigator.language],
  ['navigator.languages', () => navigator.languages],
  ['node:os.cpus', () => cpus()],
  ['process.getBuiltinModule', () => process.getBuiltinModule('node:fs')],
  ['process.binding', () => (member(process, 'binding') as (name: string) => unknown)('fs')],
  ['process.dlopen', () => (member(process, 'dlopen') as () => unknown)()],
];

const OUTSIDE: readonly Fixture[] = [
  ['fetch', () => fetch(url)],
  ['WebSocket', () => new WebSocket(url)],
  ['BroadcastChannel', () => new BroadcastChannel('x')],
  ['MessageChannel', () => new MessageChannel()],
  ['node:fs.readFileSync', () => readFileSync('/dev/null')],
  ['node:fs/promises.readFile', () => readFile('/dev/null')],
  ['node:net.connect', () => connect(1)],
  ['node:net.Socket', () => new Socket()],
  ['node:tls.connect', () => connectTls(1)],
  ['node:dgram.createSocket', () => createSocket('udp4')],
  ['node:http.request', () => request(url)],
  ['node:https.get', () => get(url)],
  ['node:http2.connect', () => connectHttp2(url)],
  ['node:dns.lookup', () => lookup('localhost', () => undefined)],
  ['node:dns/promises.resolve', () => resolve('localhost')],
  ['node:child_process.spawn', () => spawn('true')],
  ['node:worker_threads.Worker', () => new Worker('')],
  ['node:cluster.fork', () => cluster.fork()],
];

trapContract(import.meta.url, [...LOCALE, ...MACHINE, ...OUTSIDE]);
