// The session has ended while pages are open: signing in over them, and going on where one was.
import { Trans, useLingui } from '@lingui/react/macro'
import { Modal } from '@mantine/core'
import { useState } from 'react'
import { queryClient } from '../api/queries.ts'
import { SecondFactorForm, SignInForm } from './forms.tsx'
import { type Session, sessionQuery, takeSession } from './session.ts'

export function SignInAgain() {
  const { t } = useLingui()
  const [isHalf, setHalf] = useState(false)
  const session = queryClient.getQueryData(sessionQuery.queryKey)
  const take = (next: Session) => {
    setHalf(next.second_factor.needed)
    takeSession(next)
  }
  return (
    <Modal
      opened
      onClose={() => {}}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title={t`Your session has ended`}
      size={400}
      lockScroll={false}
    >
      <div className="stack">
        <p className="mute">
          <Trans>Sign in again to go on. What you were doing is still here.</Trans>
        </p>
        {isHalf ? (
          <SecondFactorForm onSession={take} />
        ) : (
          <SignInForm
            {...(session ? { email: session.user.email } : {})}
            onSession={take}
            label={t`Sign in and go on`}
          />
        )}
      </div>
    </Modal>
  )
}
