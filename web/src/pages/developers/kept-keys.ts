// Keys that were shown in this tab: in memory only, for the examples, and gone with the page.
import { useSyncExternalStore } from 'react'

export type KeptKey = {
  readonly id: string
  readonly name: string
  readonly key: string
  readonly scopes: readonly string[]
}

let kept: readonly KeptKey[] = []
const listeners = new Set<() => void>()

function change(next: readonly KeptKey[]) {
  kept = next
  for (const listener of listeners) listener()
}

/** Keeps a key at hand, the newest first. */
export function keepKey(key: KeptKey) {
  change([key, ...kept.filter(({ id }) => id !== key.id)])
}

/** Forgets a key, such as one that was revoked. */
export function forgetKey(id: string) {
  change(kept.filter((one) => one.id !== id))
}

export const useKeptKeys = (): readonly KeptKey[] =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    () => kept,
  )
