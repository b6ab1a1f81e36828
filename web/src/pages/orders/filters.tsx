// The filters of the orders: each is a part of the address, so that a view can be kept and passed on.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { countriesQuery, type ShownFilter, servicesQuery } from '../../api/queries.ts'
import { Icon } from '../../parts/icon.tsx'
import css from './orders.module.css'

type Props = {
  readonly filter: ShownFilter
  readonly onChange: (next: ShownFilter) => void
}

/** Numbers are typed with blanks and dashes; the search takes their digits. */
const meant = (text: string): string => {
  const digits = text.replace(/[\s()+-]/g, '')
  return /^\d{4,15}$/.test(digits) ? digits : text
}

export function Filters({ filter, onChange }: Props) {
  const { t } = useLingui()
  const { data: services = [] } = useQuery(servicesQuery)
  const { data: countries = [] } = useQuery(countriesQuery)
  const set = (change: ShownFilter) => onChange(clean({ ...filter, ...change }))
  return (
    <div className={css.filters}>
      <Search filter={filter} onChange={onChange} />
      <Choice
        label={t`State`}
        value={filter.state}
        onPick={(state) => set({ state })}
        options={[
          ['waiting', t`Waiting`],
          ['received', t`Code received`],
          ['active', t`Rented`],
          ['finished', t`Finished`],
          ['cancelled', t`Cancelled`],
          ['expired', t`No code came`],
          ['failed', t`Failed`],
          ['ended', t`Ended`],
        ]}
      />
      <Choice
        label={t`Kind`}
        value={filter.kind}
        onPick={(kind) => set({ kind })}
        options={[
          ['activation', t`Code`],
          ['rental', t`Rental`],
          ['email', t`Inbox`],
          ['esim', t`eSIM`],
        ]}
      />
      <Choice
        label={t`Service`}
        value={filter.service}
        onPick={(service) => set({ service })}
        options={services.map(({ slug, name }) => [slug, name])}
      />
      <Choice
        label={t`Country`}
        value={filter.country}
        onPick={(country) => set({ country })}
        options={countries.map(({ code, name }) => [code, name])}
      />
      {Object.keys(filter).length > 0 && (
        <Button variant="subtle" onClick={() => onChange({})}>
          <Trans>Clear</Trans>
        </Button>
      )}
    </div>
  )
}

const clean = (filter: ShownFilter): ShownFilter =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value))

function Search({ filter, onChange }: Props) {
  const { t } = useLingui()
  const given = filter.q ?? filter.phone ?? filter.reference ?? ''
  const [text, setText] = useState(given)
  const [before, setBefore] = useState(given)
  if (before !== given) {
    setBefore(given)
    setText(given)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const { q: _, phone: __, reference: ___, ...rest } = filter
    onChange(text.trim() === '' ? rest : { ...rest, q: meant(text.trim()) })
  }
  return (
    <form className={css.search} onSubmit={submit} role="search">
      <Icon name="search" size={15} />
      <input
        value={text}
        onChange={(event) => setText(event.target.value)}
        placeholder={t`Number, reference or note`}
        aria-label={t`Number, reference or note`}
        type="search"
        enterKeyHint="search"
      />
    </form>
  )
}

type ChoiceProps = {
  readonly label: string
  readonly value: string | undefined
  readonly options: readonly (readonly [string, string])[]
  readonly onPick: (value: string) => void
}

function Choice({ label, value, options, onPick }: ChoiceProps) {
  const { t } = useLingui()
  return (
    <select
      className={css.choice}
      aria-label={label}
      data-set={value !== undefined || undefined}
      value={value ?? ''}
      onChange={(event) => onPick(event.target.value)}
    >
      <option value="">{t`${label}: all`}</option>
      {options.map(([key, name]) => (
        <option key={key} value={key}>
          {name}
        </option>
      ))}
    </select>
  )
}
