// What a kind of supplier can be told by its operator: plain values, and secrets.

/** One value that an operator can give to a supplier of a kind. */
export type Setting = {
  /** In snake_case: `auth_token`. */
  readonly key: string
  /** A few words, as the vendor calls it: `Auth token`. */
  readonly label: string
  /** One sentence: what it is, and where to find it at the vendor. */
  readonly help: string
  /** Secrets are encrypted in the database and never shown. */
  readonly isSecret: boolean
  readonly isRequired: boolean
  readonly default?: string
  /** The only values that it may have. */
  readonly options?: readonly string[]
  /** @returns what is wrong with a value, as the end of the sentence "KEY ...": `must be ...`; null: nothing.
   * It never contains the value. */
  check?(value: string): string | null
}

/** A supplier's settings by key, checked, with defaults filled in and secrets opened. A key without a value
 * is absent. */
export type Settings = Readonly<Record<string, string>>
