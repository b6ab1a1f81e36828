// Starts the application: language and session first, then the page.
import './styles/all.ts'
import { i18n } from '@lingui/core'
import { I18nProvider } from '@lingui/react'
import { createTheme, MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode, useSyncExternalStore } from 'react'
import { createRoot } from 'react-dom/client'
import { queryClient } from './api/queries.ts'
import { router } from './router.tsx'
import { sessionQuery, takeSession } from './session/session.ts'
import { firstLocale, showLocale } from './texts.ts'
import { onTheme } from './theme.ts'

/** Sizes and colours are in styles/tokens.css; the policy allows no style that a script writes. */
const theme = createTheme({
  cursorType: 'pointer',
  defaultRadius: 'sm',
  components: {
    Button: { defaultProps: { size: 'sm' } },
    Modal: { defaultProps: { transitionProps: { duration: 0 } } },
    Drawer: { defaultProps: { transitionProps: { duration: 0 } } },
    Menu: { defaultProps: { transitionProps: { duration: 0 } } },
  },
})

/** Mantine is told which theme is shown; choosing one is ours (theme.ts). */
const shownScheme = () =>
  document.documentElement.getAttribute('data-mantine-color-scheme') === 'dark' ? 'dark' : 'light'

function App() {
  const scheme = useSyncExternalStore(onTheme, shownScheme)
  return (
    <I18nProvider i18n={i18n}>
      <MantineProvider
        theme={theme}
        forceColorScheme={scheme}
        withCssVariables={false}
        withGlobalClasses={false}
        deduplicateInlineStyles={false}
      >
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </I18nProvider>
  )
}

// The session is asked for while the language loads; a server that is gone is met by the page itself.
const [session] = await Promise.all([
  queryClient.fetchQuery(sessionQuery).catch(() => null),
  showLocale(firstLocale()),
])
if (session) takeSession(session)
createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
