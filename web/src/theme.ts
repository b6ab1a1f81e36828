// Light, dark or the system's: chosen here, kept in this browser, set before the first paint by theme.js.
export type Theme = 'system' | 'light' | 'dark'

const key = 'numlet-theme'
const dark = matchMedia('(prefers-color-scheme: dark)')
const listeners = new Set<() => void>()

export const isTheme = (name: unknown): name is Theme =>
  name === 'system' || name === 'light' || name === 'dark'

export const hasChosenTheme = (): boolean => localStorage.getItem(key) !== null

export function themeChosen(): Theme {
  const stored = localStorage.getItem(key)
  return isTheme(stored) ? stored : 'system'
}

export function setTheme(theme: Theme) {
  localStorage.setItem(key, theme)
  show()
}

export function onTheme(listener: () => void) {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

function show() {
  const theme = themeChosen()
  const isDark = theme === 'system' ? dark.matches : theme === 'dark'
  document.documentElement.setAttribute('data-mantine-color-scheme', isDark ? 'dark' : 'light')
  for (const listener of listeners) listener()
}

dark.addEventListener('change', show)
addEventListener('storage', (event) => event.key === key && show())
