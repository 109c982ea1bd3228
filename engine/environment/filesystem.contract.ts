// What every FileSystem must do while no host crashes and no device fails. The disk is fresh: '/'
// exists and is empty. Durability is tested where crashes can be staged.

import {
  contentContract,
  type OpenFileSystem,
  truncateAndSyncContract,
} from './filesystem-content.contract.ts';
import { errorContract } from './filesystem-errors.contract.ts';
import {
  directoryContract,
  linkContract,
  pathContract,
  renameContract,
} from './filesystem-names.contract.ts';

export type { OpenFileSystem } from './filesystem-content.contract.ts';

export function fileSystemContract(name: string, open: OpenFileSystem): void {
  contentContract(name, open);
  truncateAndSyncContract(name, open);
  renameContract(name, open);
  linkContract(name, open);
  pathContract(name, open);
  directoryContract(name, open);
  errorContract(name, open);
}
