// Sets the theme, the language and the direction before the first paint. It runs alone, before the application.
;(() => {
  const root = document.documentElement
  let theme = 'system'
  let locale = 'en'
  try {
    theme = localStorage.getItem('numlet-theme') || 'system'
    locale = localStorage.getItem('numlet-locale') || 'en'
  } catch {
    // Storage is closed to us: the system's theme, then.
  }
  const isDark =
    theme === 'system' ? matchMedia('(prefers-color-scheme: dark)').matches : theme === 'dark'
  root.setAttribute('data-mantine-color-scheme', isDark ? 'dark' : 'light')
  root.lang = locale === 'pseudo' ? 'en' : locale
  root.dir = locale === 'pseudo' ? 'rtl' : 'ltr'
})()
