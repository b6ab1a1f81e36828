// The button that uses a passkey: to sign in, or as second factor.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { FailureNote } from '../parts/failure-note.tsx'
import { PasskeyLeft } from './passkeys.ts'
import type { Session } from './session.ts'

type Props = {
  readonly use: () => Promise<Session>
  readonly onSession: (session: Session) => void
  readonly label: string
  readonly isMain?: boolean
}

export function PasskeyButton({ use, onSession, label, isMain = false }: Props) {
  const attempt = useMutation({ mutationFn: use, onSuccess: onSession })
  return (
    <>
      <PasskeyNote error={attempt.error} />
      <Button
        variant={isMain ? 'filled' : 'default'}
        size="md"
        fullWidth
        loading={attempt.isPending}
        onClick={() => attempt.mutate()}
      >
        {label}
      </Button>
    </>
  )
}

/** What went wrong with a passkey. */
export function PasskeyNote({ error }: { error: unknown }) {
  const { t } = useLingui()
  if (!(error instanceof PasskeyLeft)) return <FailureNote error={error} />
  return (
    <div className="note" role="alert" aria-label={t`No passkey`}>
      <Trans>No passkey was used. Try again, or go on without one.</Trans>
    </div>
  )
}
