// What a delivery looks like in each format, so that a receiver can be written before the first one comes.
import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { CopyIcon } from '../../parts/copy-button.tsx'
import { Bone, Panel } from '../../parts/page.tsx'
import { CodeBlock, Switch } from './code-block.tsx'
import { aboutOf, type FormatName } from './formats.ts'
import { formatsQuery, type WebhookFormat } from './queries.ts'

export function Formats() {
  const { data: formats } = useQuery(formatsQuery)
  const [name, setName] = useState<FormatName>('standard')
  const format = formats?.find((one) => one.name === name)
  return formats && format ? (
    <Shown formats={formats} format={format} onPick={setName} />
  ) : (
    <Bone height={280} />
  )
}

type Props = {
  readonly formats: readonly WebhookFormat[]
  readonly format: WebhookFormat
  readonly onPick: (name: FormatName) => void
}

function Shown({ formats, format, onPick }: Props) {
  const { t, i18n } = useLingui()
  const { name } = format
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
          options={formats.map((one) => [one.name, one.title])}
          onPick={onPick}
        />
        <p className="mute">{aboutOf(format, (words) => i18n._(words))}</p>
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
