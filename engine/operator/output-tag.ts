// Names a side output and carries its record type, so that what goes in is what comes out.

export class OutputTag<T> {
  readonly id: string;
  /** Never set: it only ties the tag to its type. */
  declare readonly recordType?: T;

  constructor(id: string) {
    this.id = id;
  }
}
