// What is around every page, also those outside: the voice for screen readers, and the sign-in over a page.
import { Outlet } from '@tanstack/react-router'
import { lazy, Suspense, useSyncExternalStore } from 'react'
import { Announcer } from './parts/announcer.tsx'
import { ended } from './session/session.ts'

const SignInAgain = lazy(async () => ({
  default: (await import('./session/sign-in-again.tsx')).SignInAgain,
}))

export function Root() {
  const isEnded = useSyncExternalStore(ended.subscribe, ended.isEnded)
  return (
    <>
      <Outlet />
      <Announcer />
      {isEnded && (
        <Suspense>
          <SignInAgain />
        </Suspense>
      )}
    </>
  )
}
