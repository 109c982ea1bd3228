// Embedded stores in the real world: RocksDB, through whichever driver is installed. Drivers are
// optional packages, loaded when a store is first opened.

import { describeError, OnceproofError } from '../../core/errors.ts';
import type { KeyValueStore, KeyValueStoreOptions, KeyValueStores } from '../key-value-store.ts';
import { refuseFilesOfOthers } from '../key-value-drivers.ts';
import { realPath } from './real-path.ts';
import { isRocksDbJsBinding } from './rocksdb-js-binding.ts';
import { openRocksDbJs } from './rocksdb-js-store.ts';
import { type NativeConstructor, openRocksDbNative } from './rocksdb-native-store.ts';

type ToReal = (path: string) => string;
type Open = (options: KeyValueStoreOptions, toReal: ToReal) => Promise<KeyValueStore>;

interface Driver {
  readonly name: string;
  readonly packageName: string;
  /** Undefined where the package is another one than expected. */
  readonly open: (module: unknown) => Open | undefined;
}

/** In the order in which they are tried. */
const DRIVERS: readonly Driver[] = [
  {
    name: 'rocksdb-native',
    packageName: 'rocksdb-native',
    open: (module) => {
      if (!isConstructor(module)) return undefined;
      return (options, toReal) => openRocksDbNative(module, options, toReal);
    },
  },
  {
    name: 'rocksdb-js',
    packageName: '@harperfast/rocksdb-js-linux-x64-glibc',
    open: (module) => {
      if (!isRocksDbJsBinding(module)) return undefined;
      return async (options, toReal) => openRocksDbJs(module, options, toReal);
    },
  },
];

interface Loaded {
  readonly name: string;
  readonly open: Open;
}

export type ImportPackage = (name: string) => Promise<unknown>;

export class NodeKeyValueStores implements KeyValueStores {
  readonly #toReal: ToReal;
  readonly #import: ImportPackage;
  readonly #loaded = new Map<string, Promise<Loaded>>();

  /** `root` is the directory that '/' means, as for NodeFileSystem. */
  constructor(root = '', importPackage: ImportPackage = (name) => import(name)) {
    this.#toReal = (path) => realPath(root, 'open store', path);
    this.#import = importPackage;
  }

  async open(options: KeyValueStoreOptions): Promise<KeyValueStore> {
    const { name, open } = await this.#driver(options.driver);
    refuseFilesOfOthers(name, options);
    return open(options, this.#toReal);
  }

  async #driver(wanted: string | undefined): Promise<Loaded> {
    const candidates = DRIVERS.filter(({ name }) => wanted === undefined || wanted === name);
    const failures: unknown[] = [];
    for (const driver of candidates) {
      try {
        return await this.#load(driver);
      } catch (error) {
        failures.push(error);
      }
    }
    throw missingDriver(wanted, candidates, failures);
  }

  #load(driver: Driver): Promise<Loaded> {
    const loading = this.#loaded.get(driver.name) ?? this.#loadAnew(driver);
    this.#loaded.set(driver.name, loading);
    return loading;
  }

  async #loadAnew({ name, packageName, open }: Driver): Promise<Loaded> {
    const imported: unknown = await this.#import(packageName);
    const opener = open(defaultOf(imported));
    if (opener === undefined) throw new Error(`Package "${packageName}" has an unknown interface`);
    return { name, open: opener };
  }
}

function missingDriver(
  wanted: string | undefined,
  candidates: readonly Driver[],
  failures: readonly unknown[],
): OnceproofError {
  const known = DRIVERS.map(({ name }) => `"${name}"`).join(', ');
  const [first] = candidates;
  if (first === undefined) {
    return new OnceproofError('OP-E330', `Cannot open a store: no driver is named "${wanted}"`, {
      place: 'RocksDBStateBackend.driver',
      remedy: `Use one of ${known}, or leave it out`,
    });
  }
  const names = candidates.map(({ packageName }) => `"${packageName}"`).join(', ');
  const reasons = failures.map((failure) => describeError(failure)).join('; ');
  return new OnceproofError('OP-E330', `Cannot load a RocksDB driver, tried ${names}: ${reasons}`, {
    place: 'RocksDBStateBackend',
    remedy: `Run npm install ${first.packageName}`,
    cause: failures[0],
  });
}

/** What `import` wraps a CommonJS module in. */
function defaultOf(module: unknown): unknown {
  return typeof module === 'object' && module !== null && 'default' in module
    ? module.default
    : module;
}

function isConstructor(value: unknown): value is NativeConstructor {
  return (
    typeof value === 'function' && typeof Reflect.get(value.prototype, 'suspend') === 'function'
  );
}
