// What the palette offers: each page adds its commands while it is shown.
import { useEffect, useSyncExternalStore } from 'react'
import type { IconName } from '../parts/icon.tsx'

export type Command = {
  readonly id: string
  readonly label: string
  readonly icon: IconName
  /** What stands beside it, such as its keys. */
  readonly hint?: string
  readonly run: () => void
}

let groups: readonly (readonly Command[])[] = []
const listeners = new Set<() => void>()
const change = (next: typeof groups) => {
  groups = next
  for (const listener of listeners) listener()
}

/** Adds commands while a component is shown. Give it a stable list (`useMemo`). */
export function useCommands(commands: readonly Command[]) {
  useEffect(() => {
    change([commands, ...groups])
    return () => change(groups.filter((one) => one !== commands))
  }, [commands])
}

export const useAllCommands = () =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    () => groups,
  ).flat()
