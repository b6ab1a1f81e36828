// Asks before something that cannot be undone: what will happen, and a button that says it.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Modal } from '@mantine/core'
import type { ReactNode } from 'react'
import { FailureNote } from './failure-note.tsx'

type Props = {
  readonly title: string
  /** What follows from it. */
  readonly children: ReactNode
  /** What the button does, verb first. */
  readonly label: string
  readonly isPending: boolean
  readonly error: unknown
  readonly onConfirm: () => void
  readonly onClose: () => void
}

export function Confirm({ title, children, label, isPending, error, onConfirm, onClose }: Props) {
  const { t } = useLingui()
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      size={420}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': t`Close` }}
    >
      <div className="stack">
        <div className="mute">{children}</div>
        <FailureNote error={error} />
        <div className="row tight wrap">
          <Button color="red" loading={isPending} onClick={onConfirm}>
            {label}
          </Button>
          <Button variant="subtle" onClick={onClose} data-autofocus>
            <Trans>Go back</Trans>
          </Button>
        </div>
      </div>
    </Modal>
  )
}
