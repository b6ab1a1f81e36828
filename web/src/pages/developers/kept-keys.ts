// Keys that were shown in this tab: in memory only, for the examples, and gone with the page.
import { useQuery } from '@tanstack/react-query'
import { useMemo, useSyncExternalStore } from 'react'
import { queryClient } from '../../api/queries.ts'
import { type Session, sessionQuery } from '../../session/session.ts'

export type KeptKey = {
  readonly id: string
  readonly name: string
  readonly key: string
  readonly scopes: readonly string[]
}

/** Whose it is: nobody else who signs in here sees it, nor the same person in another account. */
type Owned = KeptKey & { readonly owner: string }

let kept: readonly Owned[] = []
const listeners = new Set<() => void>()

function change(next: readonly Owned[]) {
  kept = next
  for (const listener of listeners) listener()
}

const ownerOf = (session: Session | null | undefined) =>
  `${session?.user.id} ${session?.account?.id}`

/** Keeps a key at hand, the newest first. */
export function keepKey({ id, name, key, scopes }: KeptKey) {
  const owner = ownerOf(queryClient.getQueryData(sessionQuery.queryKey))
  change([{ id, name, key, scopes, owner }, ...kept.filter((one) => one.id !== id)])
}

/** Forgets a key, such as one that was revoked. */
export function forgetKey(id: string) {
  change(kept.filter((one) => one.id !== id))
}

export function useKeptKeys(): readonly KeptKey[] {
  const all = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    () => kept,
  )
  const { data: session } = useQuery(sessionQuery)
  const owner = ownerOf(session)
  return useMemo(() => all.filter((one) => one.owner === owner), [all, owner])
}
