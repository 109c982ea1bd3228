// What each kind of fault stands for, and what is not modeled: the statement of coverage that
// `onceproof list faults` prints. A kind without an entry does not compile.

import { FAULT_KINDS, type FaultKind } from './fault.ts';

export type FaultFamily =
  | 'process'
  | 'network'
  | 'clock'
  | 'disk'
  | 'service'
  | 'checkpoint'
  | 'operation'
  | 'choice';

export interface FaultDescription {
  readonly family: FaultFamily;
  /** What happens, as a sentence without a subject. */
  readonly text: string;
}

export const FAULT_CATALOG: Readonly<Record<FaultKind, FaultDescription>> = {
  crash: {
    family: 'process',
    text:
      'a host loses power: memory and unsynchronized data are gone; half of them strike again ' +
      'while it recovers',
  },
  'crash-point': {
    family: 'process',
    text: 'a host loses power between two exact steps: enumerated by `onceproof crash-points`',
  },
  kill: { family: 'process', text: 'a process is killed; its machine keeps what was written' },
  pause: {
    family: 'process',
    text: 'a host freezes and wakes as a zombie, when others may have replaced it',
  },
  'slow-start': {
    family: 'process',
    text: 'a host loses power and does nothing for a while after it is up again',
  },
  partition: { family: 'network', text: 'a link is cut, one way or both' },
  loss: { family: 'network', text: 'single messages are lost' },
  duplicate: { family: 'network', text: 'single messages arrive twice' },
  reorder: { family: 'network', text: 'single messages are overtaken by later ones' },
  latency: { family: 'network', text: 'everything from and to a host takes longer' },
  clog: {
    family: 'network',
    text: 'a link holds its messages one way and delivers them in a burst',
  },
  swizzle: {
    family: 'network',
    text: 'hosts are clogged one after the other, and go on in another order',
  },
  corruption: { family: 'network', text: 'bits of single messages are turned over on the way' },
  'half-open': {
    family: 'network',
    text: 'what is sent on older connections vanishes, while new ones work',
  },
  'slow-reader': { family: 'network', text: 'a host takes its time for every message' },
  'memory-pressure': {
    family: 'process',
    text: 'the bounded queue in front of a host fills, and what finds no room is dropped',
  },
  'clock-offset': { family: 'clock', text: 'the date of a host is wrong from the beginning' },
  'clock-step': { family: 'clock', text: 'the date of a host is set forwards or backwards' },
  'clock-leap': { family: 'clock', text: 'a second is repeated at once, or smeared' },
  'clock-freeze': { family: 'clock', text: 'the date of a host stands still for a while' },
  'clock-drift': { family: 'clock', text: 'the clocks of a host run fast or slow' },
  'sync-failure': {
    family: 'disk',
    text: 'a sync fails and leaves pages clean whose data never reached the disk',
  },
  'no-space': {
    family: 'disk',
    text: 'the disk is full, which writes, syncs and renames may be the first to notice',
  },
  'io-error': { family: 'disk', text: 'reads and writes fail' },
  'slow-disk': { family: 'disk', text: 'everything on the disk takes many times as long' },
  'short-io': { family: 'disk', text: 'reads and writes stop after a first part' },
  'stale-read': { family: 'disk', text: 'a read gives what a file was before it was replaced' },
  'lost-write': {
    family: 'disk',
    text: 'a sync says that it is done, and the device never got the data',
  },
  'misdirected-write': {
    family: 'disk',
    text: 'what is written replaces the data of another file',
  },
  'bit-rot': { family: 'disk', text: 'a bit of a file is turned over at rest' },
  'corrupt-checkpoint': {
    family: 'checkpoint',
    text:
      'an artefact of a completed checkpoint is damaged at rest: bits, length, missing, ' +
      'swapped, stale, twice over',
  },
  'http-error': { family: 'service', text: 'a service refuses: 503, throttling, 500' },
  'http-lost': {
    family: 'service',
    text: 'a service does what it was asked to, and its answer is lost',
  },
  savepoint: { family: 'operation', text: 'somebody takes a savepoint of the running job' },
  'stop-with-savepoint': {
    family: 'operation',
    text: 'the job is stopped with a savepoint and submitted again',
  },
  rescale: {
    family: 'operation',
    text: 'the job gets another parallelism, through a savepoint or from the next leader',
  },
  cancel: {
    family: 'operation',
    text: 'the job is canceled, and a new one goes on from the checkpoint that it has left',
  },
  upgrade: {
    family: 'operation',
    text: 'the next version of the job, with another state schema, goes on from a savepoint',
  },
  'switch-backend': {
    family: 'operation',
    text: 'the job goes on from a savepoint with another state backend',
  },
  buggify: {
    family: 'choice',
    text: 'the engine does what it may do at any time and hardly ever does',
  },
};

/** In the order of reports. */
export function faultKindsOf(family: FaultFamily): readonly FaultKind[] {
  return FAULT_KINDS.filter((kind) => FAULT_CATALOG[kind].family === family);
}

/** What no run shows, whatever its seed. */
export const NOT_MODELED: readonly string[] = [
  'bandwidth, MTU and fragments of messages',
  'HTTP requests and answers that are altered on the way',
  'a monotonic clock that stands still while its host runs',
  'an operating system that gives a process wrong data in memory',
  'two hosts that move directories of one shared volume at the same time',
  'time zones, and dates before 1970',
  'intent: nobody forges messages, files or checksums',
];
