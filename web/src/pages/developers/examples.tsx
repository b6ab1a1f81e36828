// Examples: for each API the first calls with the chosen key, to copy or to run from here.
import { useLingui } from '@lingui/react/macro'
import { Button, PasswordInput } from '@mantine/core'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { CopyIcon } from '../../parts/copy-button.tsx'
import { Panel, useTitle } from '../../parts/page.tsx'
import { type Api, type ApiCall, apiNamed, apis, opens } from './apis.ts'
import { CodeBlock, Switch } from './code-block.tsx'
import css from './developers.module.css'
import { useIsOwner } from './developers.tsx'
import { exampleOf, type Language, languages, noKey } from './example-text.ts'
import { Pick } from './fields.tsx'
import { type KeptKey, useKeptKeys } from './kept-keys.ts'
import { Run } from './run.tsx'

/** A key is random letters and digits; anything else that is pasted is none. */
const isKey = (text: string) => /^[\w.-]{8,200}$/.test(text)

export function Examples() {
  const { t, i18n } = useLingui()
  const search = useSearch({ from: '/inside/developers/examples' })
  const navigate = useNavigate()
  const api = apiNamed(search.api)
  useTitle(t`Examples`)
  const language = languages.find((one) => one === search.language) ?? 'curl'
  const chosen = useChosenKey(api)
  const change = (next: { api?: string; language?: string }) =>
    void navigate({ to: '/developers/examples', search: { ...search, ...next }, replace: true })
  return (
    <div className={css.examples}>
      <div className={css.apis} role="group" aria-label={t`API`}>
        {apis.map((one) => (
          <button
            type="button"
            key={one.name}
            aria-pressed={one.name === api.name}
            onClick={() => change({ api: one.name })}
          >
            {one.label}
          </button>
        ))}
      </div>
      <div className="stack">
        <p className="mute">{i18n._(api.about)}</p>
        <KeyChoice chosen={chosen} api={api} />
        <Switch
          label={t`Language of the example`}
          value={language}
          options={languages.map((one) => [one, one])}
          onPick={(next) => change({ language: next })}
        />
        {api.calls.map((call) => (
          <Example key={`${api.name} ${call.id}`} {...{ api, call, language }} chosen={chosen} />
        ))}
      </div>
    </div>
  )
}

type Chosen = {
  readonly kept: readonly KeptKey[]
  /** The id of a kept key, or empty for one that is pasted. */
  readonly id: string
  readonly pasted: string
  /** The key itself; null while none is chosen. */
  readonly key: string | null
  setId(id: string): void
  setPasted(text: string): void
}

/** The key that the examples have: one that was just made, or one that is pasted. */
function useChosenKey(api: Api): Chosen {
  const all = useKeptKeys()
  const kept = all.filter(({ scopes }) => opens(scopes, api))
  const [wish, setId] = useState<string | null>(null)
  const [pasted, setPasted] = useState('')
  const found = wish === '' ? undefined : (kept.find(({ id }) => id === wish) ?? kept[0])
  const own = isKey(pasted.trim()) ? pasted.trim() : null
  return { kept, id: found?.id ?? '', pasted, key: found ? found.key : own, setId, setPasted }
}

function KeyChoice({ chosen, api }: { chosen: Chosen; api: Api }) {
  const { t } = useLingui()
  const { kept, id, pasted, setId, setPasted } = chosen
  const isOwner = useIsOwner()
  const isWrong = pasted.trim() !== '' && !isKey(pasted.trim())
  return (
    <div className={css.pair}>
      {kept.length > 0 && (
        <Pick
          label={t`Key`}
          value={id}
          onPick={setId}
          options={[
            ...kept.map((one) => [one.id, one.name || `${one.key.slice(0, 6)}…`] as const),
            ['', t`another one`],
          ]}
        />
      )}
      {id === '' && (
        <PasswordInput
          label={t`Paste a key`}
          description={
            api.key === 'query'
              ? t`One that was made for handler_api. It stays in this tab.`
              : t`It stays in this tab. A key that you have just made is filled in.`
          }
          value={pasted}
          onChange={(event) => setPasted(event.target.value)}
          error={isWrong ? t`This is no key: it has blanks or signs that no key has.` : null}
          autoComplete="off"
          visibilityToggleButtonProps={{ 'aria-label': t`Show the key` }}
        />
      )}
      {kept.length === 0 && isOwner && pasted === '' && (
        <div>
          <Button variant="default" renderRoot={(props) => <Link {...props} to="/developers" />}>
            {t`Create a key`}
          </Button>
        </div>
      )}
    </div>
  )
}

type ExampleProps = {
  readonly api: Api
  readonly call: ApiCall
  readonly language: Language
  readonly chosen: Chosen
}

function Example({ api, call, language, chosen }: ExampleProps) {
  const { t, i18n } = useLingui()
  const text = exampleOf(language, api, call, chosen.key ?? noKey)
  const name = i18n._(call.label)
  return (
    <Panel title={name} aside={<CopyIcon text={text} label={t`Copy the example: ${name}`} />}>
      <div className={`${css.line} mono small ltr`}>
        <span className="mute">{call.method}</span> {call.path}
      </div>
      <CodeBlock text={text} label={t`Example: ${name}`} />
      <Run api={api} call={call} apiKey={chosen.key} />
    </Panel>
  )
}
