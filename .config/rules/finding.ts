// What a house rule is and what it says: where a file departs from the rule, and what to write
// instead. A rule judges; it never repairs.
import type { SourceFile } from './source-file.ts';

export interface Finding {
  readonly rule: string;
  readonly path: string;
  readonly line: number;
  /** What is there. */
  readonly problem: string;
  /** What to write instead. */
  readonly remedy: string;
}

/** A rule that can be decided by looking at one file. */
export interface FileRule {
  readonly name: string;
  check(file: SourceFile): Finding[];
}

/** A rule about how files relate, such as the absence of import cycles. */
export interface TreeRule {
  readonly name: string;
  check(files: readonly SourceFile[]): Finding[];
}
