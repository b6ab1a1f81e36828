// Says that the server does not answer, and that codes come by asking where no stream gets through.
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useSyncExternalStore } from 'react'
import { connection } from '../api/connection.ts'
import { Icon } from '../parts/icon.tsx'
import css from './shell.module.css'

export function Banner() {
  const isGone = useSyncExternalStore(connection.subscribe, connection.isGone)
  if (!isGone) return null
  return (
    <div className={css.banner} role="status">
      <Icon name="warning" />
      <span>
        <Trans>
          The server does not answer. What you see may be old, and nothing you typed is lost.
        </Trans>
      </span>
      <Button variant="default" size="compact-sm" onClick={() => void connection.tryNow()}>
        <Trans>Try now</Trans>
      </Button>
    </div>
  )
}
