// Who waits, for what, and for whom: one sentence of an explanation, which leads to the next one or
// is where the waiting has its root.

/** Somebody or something that is waited for. */
export type Party =
  | { readonly kind: 'job' }
  | { readonly kind: 'checkpoint'; readonly checkpoint: number }
  | { readonly kind: 'snapshot'; readonly checkpoint: number; readonly attempt: string }
  | { readonly kind: 'task'; readonly attempt: string }
  /** `barrier`: that it is to bring; otherwise anything at all. */
  | {
      readonly kind: 'channel';
      readonly edge: string;
      readonly producer: string;
      readonly consumer: string;
      readonly barrier: number | undefined;
    }
  /** Reader of a source, as its coordinator sees it. */
  | { readonly kind: 'splits'; readonly attempt: string }
  | { readonly kind: 'host'; readonly host: string }
  | { readonly kind: 'link'; readonly from: string; readonly to: string }
  /** Files and services, as that host uses them. */
  | { readonly kind: 'io'; readonly host: string };

/**
 * `certain`: this cannot go on by itself. `likely`: it may, and has not. `open`: nothing is wrong
 * with it as far as anybody can see.
 */
export type Certainty = 'certain' | 'likely' | 'open';

export type Wait =
  | { readonly text: string; readonly on: Party }
  | { readonly text: string; readonly root: Certainty };

export function keyOf(party: Party): string {
  return JSON.stringify(Object.values(party).map((value) => value ?? null));
}

export function root(certainty: Certainty, text: string): readonly Wait[] {
  return [{ text, root: certainty }];
}

export function wait(text: string, on: Party): Wait {
  return { text, on };
}
