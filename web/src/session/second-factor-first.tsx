// What asks for a recent second factor: it is asked for over the page, then the call is repeated.
import { useLingui } from '@lingui/react/macro'
import { Modal } from '@mantine/core'
import { useState } from 'react'
import { isFailure } from '../api/failure.ts'
import { SecondFactorForm } from './forms.tsx'
import { takeSession } from './session.ts'

/** Whether a call was refused because the second factor was not given, or too long ago. */
export const asksSecondFactor = (error: unknown): boolean =>
  isFailure(error) && error.code === 'second_factor_required'

type Props = {
  readonly error: unknown
  /** Repeats what was refused. */
  readonly onGiven: () => void
}

/** Shows itself when a call was refused for want of the second factor. */
export function SecondFactorFirst({ error, onGiven }: Props) {
  const { t } = useLingui()
  const [closed, setClosed] = useState<unknown>(null)
  if (!asksSecondFactor(error) || closed === error) return null
  return (
    <Modal
      opened
      onClose={() => setClosed(error)}
      title={t`Is it you?`}
      size={400}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': t`Close` }}
    >
      <div className="stack">
        <p className="mute">{t`This needs your second factor, given in the last 15 minutes.`}</p>
        <SecondFactorForm
          onSession={(session) => {
            takeSession(session)
            setClosed(error)
            onGiven()
          }}
        />
      </div>
    </Modal>
  )
}
