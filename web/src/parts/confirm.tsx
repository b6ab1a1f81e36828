// Asks before what cannot be undone: what will happen, the verb on the button, and what the server says.
import { useLingui } from '@lingui/react/macro'
import { Button, Modal } from '@mantine/core'
import type { ReactNode } from 'react'
import { FailureNote } from './failure-note.tsx'

type Props = {
  readonly title: string
  /** What the button does: a verb first. */
  readonly action: string
  readonly error: unknown
  readonly isPending: boolean
  /** Whether it can be confirmed yet; it can unless said. */
  readonly isReady?: boolean
  readonly onConfirm: () => void
  readonly onClose: () => void
  readonly children: ReactNode
}

export function Confirm({
  title,
  action,
  error,
  isPending,
  isReady = true,
  onConfirm,
  onClose,
  children,
}: Props) {
  const { t } = useLingui()
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      size={440}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': t`Close` }}
    >
      <div className="stack">
        <div className="mute">{children}</div>
        <FailureNote error={error} />
        <div className="row tight wrap">
          <Button color="red" loading={isPending} disabled={!isReady} onClick={onConfirm}>
            {action}
          </Button>
          <Button variant="default" onClick={onClose} data-autofocus>
            {t`Leave it as it is`}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
