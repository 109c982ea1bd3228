// Sinks on services that are not what one would wish. `unreliableSink`: some commits are refused,
// some fail, and of some that succeed the answer is lost. `slowDiskSink`: what is sealed becomes
// durable long after the barrier, maybe after the checkpoint would have been complete without it.

import type { Committer, Sink, SinkContext } from '../../engine/connector/sink.ts';
import type { FileSystem } from '../../engine/environment/filesystem.ts';
import type { Random } from '../../engine/environment/random.ts';

/** Of this many commits one is refused, one fails, and of one the answer is lost. */
const ONE_IN = 6;

export function unreliableSink<IN>(sink: Sink<IN>): Sink<IN> {
  return {
    ...partsOf(sink),
    createCommitter: (context) =>
      unreliable(sink.createCommitter(context), context.random.fork('unreliable')),
  };
}

export interface SlowDiskOptions {
  /** How many looks at the file system each sync takes more: about half a millisecond each. */
  readonly looks: number;
}

export function slowDiskSink<IN>(sink: Sink<IN>, { looks }: SlowDiskOptions): Sink<IN> {
  return {
    ...partsOf(sink),
    createWriter: (context, restored) =>
      sink.createWriter({ ...context, filesystem: slow(context.filesystem, looks) }, restored),
  };
}

function partsOf<IN>(sink: Sink<IN>): Sink<IN> {
  return {
    name: sink.name,
    createWriter: (context, restored) => sink.createWriter(context, restored),
    createCommitter: (context) => sink.createCommitter(context),
    abortLingering: async (context: SinkContext) => {
      await sink.abortLingering?.(context);
    },
  };
}

function unreliable(committer: Committer<unknown>, random: Random): Committer<unknown> {
  return {
    commit: async (committable) => {
      const drawn = random.below(ONE_IN);
      if (drawn === 0) return { kind: 'failed', cause: 'the service refuses it' };
      if (drawn === 1) return { kind: 'retry', cause: 'the service does not answer' };
      const result = await committer.commit(committable);
      if (drawn === 2) return { kind: 'retry', cause: 'the answer is lost' };
      return result;
    },
  };
}

function slow(filesystem: FileSystem, looks: number): FileSystem {
  return {
    read: (path, offset, length) => filesystem.read(path, offset, length),
    write: (path, bytes) => filesystem.write(path, bytes),
    create: (path, bytes) => filesystem.create(path, bytes),
    append: (path, bytes) => filesystem.append(path, bytes),
    truncate: (path, sizeBytes) => filesystem.truncate(path, sizeBytes),
    sync: async (path) => {
      for (let count = 0; count < looks; count++) await filesystem.status(path);
      await filesystem.sync(path);
    },
    rename: (from, to) => filesystem.rename(from, to),
    link: (existing, name) => filesystem.link(existing, name),
    remove: (path) => filesystem.remove(path),
    makeDirectory: (path) => filesystem.makeDirectory(path),
    list: (directory) => filesystem.list(directory),
    status: (path) => filesystem.status(path),
  };
}
