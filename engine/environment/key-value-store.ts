// An embedded, ordered store of bytes on a host's local disk: RocksDB, or a simulated store of its
// shape. Keys compare as unsigned bytes and have at least one. Nothing written is promised to
// survive a crash: the working directory of a store is disposable, only what checkpoint() made is
// kept, once its files were copied elsewhere. Files of one driver are for that driver alone.

export interface KeyValueEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Undefined deletes. */
export interface KeyValueWrite {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
}

/** `from` is in the range, `to` is not; undefined is the end of all keys. Ascending. `from` has at
 * least one byte. */
export interface KeyRange {
  readonly from: Uint8Array;
  readonly to: Uint8Array | undefined;
  /** At most this many entries. Default: all. */
  readonly limit?: number;
}

/** File names, relative to the directory of the checkpoint. */
export interface KeyValueCheckpoint {
  /**
   * Never change again and keep their names in later checkpoints of this store: sorted tables. Two
   * stores may use one name for different files.
   */
  readonly immutable: readonly string[];
  /** Belong to this checkpoint alone: manifest, current, options. */
  readonly other: readonly string[];
}

/** Present where the driver can answer without leaving the thread of the caller. */
export interface SynchronousKeyValueStore {
  get(key: Uint8Array): Uint8Array | undefined;
  scan(range: KeyRange): readonly KeyValueEntry[];
  /** Atomic. */
  write(writes: readonly KeyValueWrite[]): void;
}

/**
 * Calls of one store take effect in the order in which they were made: a read sees every write that
 * was called before it, and none that was called after. Bytes handed in must not be changed later;
 * bytes handed out are the caller's. I/O failures and damaged files reject with FileSystemError,
 * and so does every call after close(). Where a write failed, later ones may fail as well.
 */
export interface KeyValueStore {
  /** By name: who made its files, and alone may open them. */
  readonly driver: string;
  readonly synchronous: SynchronousKeyValueStore | undefined;
  /** In the order of `keys`. */
  getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]>;
  scan(range: KeyRange): Promise<readonly KeyValueEntry[]>;
  /** All or nothing. */
  write(writes: readonly KeyValueWrite[]): Promise<void>;
  /**
   * Puts everything written by calls before this one into `directory`, as files that a store can
   * be opened from; sorted tables as hard links. Later writes do not show. Makes the directory and
   * missing parents: EEXIST if it is there already. EROFS on a store opened for reading.
   */
  checkpoint(directory: string): Promise<KeyValueCheckpoint>;
  /** Waits for what is under way. The files stay, with all that was written. Twice is fine. */
  close(): Promise<void>;
}

export interface KeyValueStoreOptions {
  /** On the host's file system, as the FileSystem of its Environment sees it. Made if missing. */
  readonly directory: string;
  /** Writes reject with EROFS; several may be open at once. ENOENT if no store is there. */
  readonly readOnly?: boolean;
  /** Which driver; undefined = the first one that is installed. OP-E330 if it is not. */
  readonly driver?: string;
  /** Who made the files that are there, where that is known. OP-E585 if that is another driver. */
  readonly writtenBy?: string;
  readonly writeBufferBytes?: number;
  readonly blockCacheBytes?: number;
  /** Where the driver can choose. */
  readonly compression?: 'none' | 'snappy' | 'lz4' | 'zstd';
}

export interface KeyValueStores {
  /** Rejects with OP-E330, naming the install command, where no driver is installed. */
  open(options: KeyValueStoreOptions): Promise<KeyValueStore>;
}
