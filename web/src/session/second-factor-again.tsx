// The second factor over a page: what was asked for goes on when it is given.
import { Trans, useLingui } from '@lingui/react/macro'
import { Modal } from '@mantine/core'
import { SecondFactorForm } from './forms.tsx'
import { secondFactor } from './second-factor.ts'
import { takeSession } from './session.ts'

export function SecondFactorAgain() {
  const { t } = useLingui()
  return (
    <Modal
      opened
      onClose={() => secondFactor.answer(false)}
      closeOnClickOutside={false}
      title={t`Is it still you?`}
      size={400}
      lockScroll={false}
      zIndex={210}
      closeButtonProps={{ 'aria-label': t`Close` }}
    >
      <div className="stack">
        <p className="mute">
          <Trans>This needs your second factor again. It then counts for 15 minutes.</Trans>
        </p>
        <SecondFactorForm
          onSession={(session) => {
            takeSession(session)
            secondFactor.answer(true)
          }}
        />
      </div>
    </Modal>
  )
}
