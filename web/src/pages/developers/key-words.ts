// How keys are spoken of: what their scopes allow, and why one has ended.
import { useLingui } from '@lingui/react/macro'
import type { ApiKey, NewKey } from './queries.ts'

export type Scope = NonNullable<NewKey['scopes']>[number]

/** The scopes that can be combined; a key for handler_api has that one only. */
export const combinable = ['read', 'buy', 'manage'] as const satisfies readonly Scope[]

export type End = 'revoked' | 'expired'

/** Why a key does not work any more; null if it does. */
export function endOf(key: ApiKey, now: number): End | null {
  if (key.revoked_at !== null) return 'revoked'
  if (key.expires_at !== null && Date.parse(key.expires_at) <= now) return 'expired'
  return null
}

/** What a scope allows, in a word and in a sentence. */
export function useScopeWords() {
  const { t } = useLingui()
  const words: Record<Scope, readonly [string, string]> = {
    read: [t`Read`, t`See the balance, offers, orders and their codes.`],
    buy: [t`Buy`, t`Buy, cancel and finish. Spends the balance.`],
    manage: [t`Manage`, t`Make keys, webhooks and deposits.`],
    'handler-api': [t`handler_api`, t`Only that protocol, whose key stands in addresses.`],
  }
  return (scope: string): readonly [string, string] =>
    Object.hasOwn(words, scope) ? words[scope as Scope] : [scope, '']
}

/** Addresses and networks as they are typed: apart by commas, blanks or lines. */
export const networksIn = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean)

/** A day in the person's own time, whole: a key ends when the day does. */
export function endOfDay(day: string): string | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return undefined
  const end = new Date(`${day}T23:59:59`)
  return Number.isNaN(end.getTime()) ? undefined : end.toISOString()
}
