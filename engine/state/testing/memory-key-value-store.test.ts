// The stores that tests of state backends run on are stores as any other.

import { CrashableFileSystem } from '../../checkpoint/testing/crashable-file-system.ts';
import { keyValueStoreContract } from '../../environment/key-value-store.contract.ts';
import { MemoryKeyValueStores } from './memory-key-value-store.ts';

for (const isSynchronous of [false, true]) {
  keyValueStoreContract(`memory store, synchronous: ${isSynchronous}`, async () => {
    const filesystem = new CrashableFileSystem();
    const stores = new MemoryKeyValueStores(filesystem, isSynchronous);
    return { stores, filesystem, options: {} };
  });
}
