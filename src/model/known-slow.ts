/** One accepted slow test. `line` is where the entry stands in the allowlist file. */
export type KnownSlowEntry = {
  readonly file: string;
  readonly name: string;
  readonly reason: string;
  readonly ceilingMs: number;
  readonly owner: string | null;
  /** Last day (YYYY-MM-DD, UTC) on which the entry counts. */
  readonly expires: string | null;
  readonly added: string | null;
  readonly line: number;
};

/** The allowlist: where it stands and its entries in file order. */
export type KnownSlow = { readonly path: string; readonly entries: readonly KnownSlowEntry[] };
