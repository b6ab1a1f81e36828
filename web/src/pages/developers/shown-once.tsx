// A secret that is shown once: to copy, with what to do with it.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useCopy } from '../../parts/copy-button.tsx'
import { Icon } from '../../parts/icon.tsx'
import css from './developers.module.css'

type Props = {
  readonly secret: string
  readonly label: string
  readonly copyLabel: string
  readonly onClose: () => void
  /** The key whose examples may follow. */
  readonly examplesOf?: string
  readonly children: ReactNode
}

export function ShownOnce({ secret, label, copyLabel, onClose, examplesOf, children }: Props) {
  const { t } = useLingui()
  const [isCopied, copy] = useCopy(secret)
  return (
    <div className="stack">
      <p className="mute">{children}</p>
      <output className={`${css.secret} ltr`} aria-label={label} data-testid="secret">
        {secret}
      </output>
      <div className="row tight wrap">
        <Button
          autoFocus
          onClick={() => void copy()}
          leftSection={<Icon name={isCopied ? 'check' : 'copy'} size={15} />}
        >
          {isCopied ? t`Copied` : copyLabel}
        </Button>
        {examplesOf !== undefined && (
          <Button
            variant="default"
            onClick={onClose}
            renderRoot={(props) => <Link {...props} to="/developers/examples" search={{}} />}
          >
            <Trans>Try it in the examples</Trans>
          </Button>
        )}
        <Button variant="subtle" onClick={onClose}>
          <Trans>I have kept it</Trans>
        </Button>
      </div>
    </div>
  )
}
