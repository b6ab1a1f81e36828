// What a delivery looks like in each format, so that a receiver can be written before the first one comes.
import { Trans, useLingui } from '@lingui/react/macro'
import { useState } from 'react'
import { CopyIcon } from '../../parts/copy-button.tsx'
import { Panel } from '../../parts/page.tsx'
import { CodeBlock, Switch } from './code-block.tsx'
import { type FormatName, formatNamed, formats } from './formats.ts'

export function Formats() {
  const { t, i18n } = useLingui()
  const [name, setName] = useState<FormatName>('standard')
  const format = formatNamed(name)
  const text = JSON.stringify(format.example, null, 2)
  return (
    <Panel
      title={t`What a delivery looks like`}
      aside={<CopyIcon text={text} label={t`Copy the example`} />}
    >
      <div className="pad stack">
        <Switch
          label={t`Format`}
          value={name}
          options={formats.map((one) => [one.name, one.label])}
          onPick={setName}
        />
        <p className="mute">{i18n._(format.about)}</p>
        <p className="small mute">
          <Trans>
            Signed in the headers <span className="mono ltr">{format.headers.join(', ')}</span>.
          </Trans>{' '}
          {name === 'standard' && t`That is Standard Webhooks 1.0: its libraries check it.`}
        </p>
      </div>
      <CodeBlock text={text} label={t`Example of a delivery`} />
    </Panel>
  )
}
