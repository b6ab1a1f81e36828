// Keys: each page registers its own, the sheet under `?` shows those that work at this moment.
import { useEffect, useRef, useSyncExternalStore } from 'react'

export type Shortcut = {
  /** One key, or two in a row: `c`, `?`, `g o`. */
  readonly keys: string
  readonly label: string
}

type Registered = Shortcut & { readonly run: () => void }

/** How long the second key of two may take. */
const sequenceMs = 1_200

let all: readonly Registered[] = []
const listeners = new Set<() => void>()
const change = (next: readonly Registered[]) => {
  all = next
  for (const listener of listeners) listener()
}

/** Registers a key while a component is shown. A later one takes precedence. */
export function useShortcut(keys: string, label: string, run: (() => void) | null) {
  const latest = useRef(run)
  latest.current = run
  const isOn = run !== null
  useEffect(() => {
    if (!isOn) return
    const one = { keys, label, run: () => latest.current?.() }
    change([one, ...all])
    return () => change(all.filter((other) => other !== one))
  }, [keys, label, isOn])
}

export const useShortcuts = (): readonly Shortcut[] =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    () => all,
  )

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

const isOverlaid = () => document.querySelector('[role=dialog]') !== null

let first: { key: string; at: number } | null = null

addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
  if (isTyping(event.target) || isOverlaid() || event.key.length > 1) return
  const isSecond = first !== null && event.timeStamp - first.at < sequenceMs
  const keys = isSecond ? `${first?.key} ${event.key}` : event.key
  const found = all.find((one) => one.keys === keys) ?? all.find((one) => one.keys === event.key)
  first = found ? null : { key: event.key, at: event.timeStamp }
  if (!found) return
  event.preventDefault()
  found.run()
})
