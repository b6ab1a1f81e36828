// Recovery codes, which are shown once: to copy, to save, and to say that they are kept.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { useCopy } from '../../parts/copy-button.tsx'
import { saveFile } from '../../parts/csv-button.tsx'
import { Icon } from '../../parts/icon.tsx'
import css from './settings.module.css'

type Props = { readonly codes: readonly string[]; readonly onKept: () => void }

export function RecoveryCodes({ codes, onKept }: Props) {
  const { t } = useLingui()
  const text = `${codes.join('\n')}\n`
  const [isCopied, copy] = useCopy(text)
  const head = useRef<HTMLHeadingElement>(null)
  useEffect(() => head.current?.focus(), [])
  const save = () => saveFile('numlet-recovery-codes.txt', new Blob([text], { type: 'text/plain' }))
  return (
    <div className="pad stack">
      <div>
        <h3 ref={head} tabIndex={-1} style={{ margin: 0, fontSize: 14 }}>
          <Trans>Keep these recovery codes</Trans>
        </h3>
        <p className="mute">
          <Trans>
            Each of them stands in once for your second factor, if it is lost. They are shown only
            now.
          </Trans>
        </p>
      </div>
      <ul className={`${css.codes} ltr`} aria-label={t`Recovery codes`}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="row tight wrap">
        <Button
          variant="default"
          leftSection={<Icon name={isCopied ? 'check' : 'copy'} size={15} />}
          onClick={() => void copy()}
        >
          {isCopied ? t`Copied` : t`Copy all`}
        </Button>
        <Button variant="default" leftSection={<Icon name="download" size={15} />} onClick={save}>
          <Trans>Save as a file</Trans>
        </Button>
        <Button onClick={onKept}>
          <Trans>I have kept them</Trans>
        </Button>
      </div>
    </div>
  )
}
