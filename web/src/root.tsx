// What is around every page, also those outside: the voice for screen readers, and the sign-in over a page.
import { Outlet } from '@tanstack/react-router'
import { lazy, Suspense, useSyncExternalStore } from 'react'
import { Announcer } from './parts/announcer.tsx'
import { secondFactor } from './session/second-factor.ts'
import { ended } from './session/session.ts'

const SignInAgain = lazy(async () => ({
  default: (await import('./session/sign-in-again.tsx')).SignInAgain,
}))
const SecondFactorAgain = lazy(async () => ({
  default: (await import('./session/second-factor-again.tsx')).SecondFactorAgain,
}))

export function Root() {
  const isEnded = useSyncExternalStore(ended.subscribe, ended.isEnded)
  const isAsked = useSyncExternalStore(secondFactor.subscribe, secondFactor.isAsked)
  return (
    <>
      <Outlet />
      <Announcer />
      {isEnded && (
        <Suspense>
          <SignInAgain />
        </Suspense>
      )}
      {isAsked && !isEnded && (
        <Suspense>
          <SecondFactorAgain />
        </Suspense>
      )}
    </>
  )
}
