// The scopes of API keys: Numlet's own, and those that dialects register.

const ownScopes = ['read', 'buy', 'manage'] as const
export type OwnScope = (typeof ownScopes)[number]

/** A dialect declares the name of its scope here (declaration merging), and registers it. */
// biome-ignore lint/suspicious/noEmptyInterface: dialects add members
export interface DialectScopes {}

export type Scope = OwnScope | keyof DialectScopes

/** A scope for keys that open one dialect and nothing else. */
export type DialectScope = {
  readonly name: keyof DialectScopes
  /** The scope that a key must have to create a key with this one. */
  readonly needs: OwnScope
  /** The formats in which the dialect can report errors to a key. */
  readonly errorForms: readonly string[]
}

/** The error form of every key that has no other. */
export const defaultErrorForm = 'plain'

/** The scopes of a key if none are given. */
export const defaultScopes: readonly Scope[] = ownScopes

const registered = new Map<string, DialectScope>()

/** Makes the scope of a dialect known. Called while the program is loaded. */
export function registerScope(scope: DialectScope): void {
  registered.set(scope.name, scope)
}

/** The scope of a dialect; undefined for our own scopes and for unknown names. */
export const dialectScope = (name: string): DialectScope | undefined => registered.get(name)

export const scopeNames = (): readonly string[] => [...ownScopes, ...registered.keys()]

/** Every error form that a key of some scope can have. */
export const errorFormNames = (): readonly string[] => [
  ...new Set([defaultErrorForm, ...[...registered.values()].flatMap((one) => one.errorForms)]),
]

/** The scopes of dialects that have more than one error form. */
export const scopesWithErrorForms = (): readonly string[] =>
  [...registered.values()].filter((one) => one.errorForms.length > 1).map((one) => one.name)
