// A page that cannot be shown: what happened, what it means, what to do.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { isFailure } from '../api/failure.ts'
import { queryClient } from '../api/queries.ts'
import { useFailureWords } from './failure-note.tsx'
import { Bone, Empty, useTitle } from './page.tsx'

export function Broken({ error, reset }: ErrorComponentProps) {
  const { t } = useLingui()
  const words = useFailureWords()
  const router = useRouter()
  useTitle(t`Something went wrong`)
  if (isFailure(error) && (error.status === 404 || error.status === 422)) return <NotThere />
  // A new version was put in place while this page was open: its parts have other names.
  const isOld = /dynamically imported module|Importing a module script failed/i.test(String(error))
  const again = async () => {
    if (isOld) return location.reload()
    await queryClient.resetQueries({ predicate: ({ state }) => state.status === 'error' })
    reset()
    await router.invalidate()
  }
  return (
    <div className="panel" role="alert">
      <Empty
        title={isOld ? t`This page has a newer version` : t`This page could not be shown`}
        action={
          <Button onClick={() => void again()}>
            {isOld ? <Trans>Reload</Trans> : <Trans>Try again</Trans>}
          </Button>
        }
      >
        {isOld ? t`Reload it to go on. What you have bought is safe.` : words(error)}
      </Empty>
    </div>
  )
}

/** A page without the frame around it. */
export function Alone({ children }: { children: ReactNode }) {
  return (
    <main id="main" className="alone">
      {children}
    </main>
  )
}

export function NotThere() {
  const { t } = useLingui()
  useTitle(t`Nothing is here`)
  return (
    <div className="panel">
      <Empty
        title={t`Nothing is here`}
        action={
          <Button component={Link} to="/">
            <Trans>Go to the start</Trans>
          </Button>
        }
      >
        <Trans>The address is wrong, or what it names belongs to another account.</Trans>
      </Empty>
    </div>
  )
}

/** Stands for a page that is on its way. */
export function Pending() {
  const { t } = useLingui()
  return (
    <div aria-busy="true">
      <span className="hidden" role="status">{t`Loading`}</span>
      <div className="row page-head">
        <Bone width={120} height={20} />
      </div>
      <div className="panel">
        <div className="pad stack">
          <Bone width="60%" />
          <Bone width="45%" />
          <Bone width="70%" />
          <Bone width="50%" />
        </div>
      </div>
    </div>
  )
}
