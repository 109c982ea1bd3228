// Damage to what Historicals hold: rows that are altered, missing or there twice when they are
// queried. Deep storage stays as it is. Shared by all lives of the host.

import type { Row } from './records.ts';

/** What a query sees instead of a row; undefined leaves it. */
export type DamageRule = (datasource: string, row: Row) => readonly Row[] | undefined;

export class RowDamage {
  #rules: readonly DamageRule[] = [];

  /** Returns what ends it. */
  begin(rule: DamageRule): () => void {
    this.#rules = [...this.#rules, rule];
    return () => {
      this.#rules = this.#rules.filter((active) => active !== rule);
    };
  }

  /** The first rule that takes a row counts. */
  seen(datasource: string, rows: readonly Row[]): readonly Row[] {
    if (this.#rules.length === 0) return rows;
    return rows.flatMap((row) => {
      for (const rule of this.#rules) {
        const damaged = rule(datasource, row);
        if (damaged !== undefined) return damaged;
      }
      return row;
    });
  }
}
