// Creating a key: what it may do, from where, until when, and how much a day. It is shown once.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Modal, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, type Schemas, take } from '../../api/client.ts'
import { asOneIntent } from '../../api/intent.ts'
import { balanceQuery, countriesQuery, queryClient } from '../../api/queries.ts'
import { FailureNote } from '../../parts/failure-note.tsx'
import css from './developers.module.css'
import { areAllBeside, Choice, faultIn, Group, Pick } from './fields.tsx'
import { keepKey } from './kept-keys.ts'
import { combinable, endOfDay, networksIn, type Scope, useScopeWords } from './key-words.ts'
import { keysQuery, type NewKey } from './queries.ts'
import { ShownOnce } from './shown-once.tsx'

type Form = {
  readonly name: string
  readonly isHandler: boolean
  readonly scopes: readonly Scope[]
  readonly errorForm: 'plain' | 'hero'
  readonly country: string
  readonly networks: string
  readonly day: string
  readonly cap: string
}

const empty: Form = {
  name: '',
  isHandler: false,
  scopes: ['read', 'buy'],
  errorForm: 'plain',
  country: '',
  networks: '',
  day: '',
  cap: '',
}

const fields = [
  ...['name', 'scopes', 'error_form', 'default_country', 'allowed_ips', 'expires_at'],
  'max_spend_a_day',
]

const bodyOf = (form: Form): NewKey => ({
  name: form.name.trim(),
  scopes: form.isHandler ? ['handler-api'] : [...form.scopes],
  ...(form.isHandler ? { error_form: form.errorForm } : {}),
  ...(form.country === '' ? {} : { default_country: form.country }),
  allowed_ips: networksIn(form.networks),
  ...(endOfDay(form.day) ? { expires_at: endOfDay(form.day) as string } : {}),
  ...(form.cap.trim() === '' ? {} : { max_spend_a_day: form.cap.trim().replace(',', '.') }),
})

function useCreate(form: Form) {
  return useMutation({
    mutationFn: () => {
      const body = bodyOf(form)
      return asOneIntent(`key ${JSON.stringify(body)}`, (header) =>
        take(api.POST('/v1/keys', { params: { header }, body })),
      )
    },
    onSuccess: (made) => {
      if (made.key !== null) keepKey({ ...made, key: made.key })
      void queryClient.invalidateQueries({ queryKey: keysQuery.queryKey })
    },
  })
}

export function KeyForm({ onClose }: { onClose: () => void }) {
  const { t } = useLingui()
  const [form, setForm] = useState(empty)
  const create = useCreate(form)
  const made = create.data
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!create.isPending) create.mutate()
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={made ? t`Your new key` : t`Create a key`}
      size={560}
      lockScroll={false}
      closeOnClickOutside={false}
      closeOnEscape={made === undefined}
      withCloseButton={made === undefined}
      closeButtonProps={{ 'aria-label': t`Close` }}
    >
      {made ? (
        <Made made={made} onClose={onClose} />
      ) : (
        <form className="stack" onSubmit={submit} noValidate>
          <TextInput
            label={t`Name`}
            description={t`What it is for, such as the program or the machine.`}
            data-autofocus
            maxLength={200}
            value={form.name}
            onChange={(event) => setForm({ ...form, name: event.target.value })}
            error={faultIn(create.error, 'name')}
          />
          <Access form={form} onChange={setForm} error={create.error} />
          <Bounds form={form} onChange={setForm} error={create.error} />
          {!areAllBeside(create.error, fields) && <FailureNote error={create.error} />}
          <div className="row tight wrap">
            <Button
              type="submit"
              loading={create.isPending}
              disabled={!form.isHandler && form.scopes.length === 0}
            >
              {!form.isHandler && form.scopes.length === 0
                ? t`Choose what it may do`
                : t`Create the key`}
            </Button>
            <Button variant="subtle" onClick={onClose}>
              <Trans>Leave it</Trans>
            </Button>
          </div>
        </form>
      )}
    </Modal>
  )
}

type PartProps = {
  readonly form: Form
  readonly onChange: (form: Form) => void
  readonly error: unknown
}

function Access({ form, onChange, error }: PartProps) {
  const { t } = useLingui()
  const words = useScopeWords()
  const choose = (scope: Scope, isChosen: boolean) =>
    onChange({
      ...form,
      scopes: combinable.filter((one) => (one === scope ? isChosen : form.scopes.includes(one))),
    })
  return (
    <>
      <Group label={t`For which programs?`}>
        <Choice
          type="radio"
          name="programs"
          label={t`/v1 and the other APIs`}
          hint={t`The key is sent in a header.`}
          isChosen={!form.isHandler}
          onChange={() => onChange({ ...form, isHandler: false })}
        />
        <Choice
          type="radio"
          name="programs"
          label={t`Bots that speak handler_api`}
          hint={words('handler-api')[1]}
          isChosen={form.isHandler}
          onChange={() => onChange({ ...form, isHandler: true })}
        />
      </Group>
      {form.isHandler ? (
        <Pick
          label={t`Failures as`}
          value={form.errorForm}
          onPick={(errorForm) => onChange({ ...form, errorForm })}
          options={[
            ['plain', t`bare words, such as NO_NUMBERS`],
            ['hero', t`JSON with real statuses`],
          ]}
        />
      ) : (
        <Group label={t`What it may do`} error={faultIn(error, 'scopes')}>
          {combinable.map((scope) => (
            <Choice
              key={scope}
              type="checkbox"
              name={scope}
              label={words(scope)[0]}
              hint={words(scope)[1]}
              isChosen={form.scopes.includes(scope)}
              onChange={(isChosen) => choose(scope, isChosen)}
            />
          ))}
        </Group>
      )}
    </>
  )
}

function Bounds({ form, onChange, error }: PartProps) {
  const { t } = useLingui()
  const { data: balance } = useQuery(balanceQuery)
  const { data: countries = [] } = useQuery(countriesQuery)
  const currency = balance?.currency ?? ''
  return (
    <div className={css.pair}>
      <TextInput
        label={t`At most a day, in ${currency}`}
        description={t`Empty: no limit. Days are UTC days.`}
        inputMode="decimal"
        placeholder="25.00"
        value={form.cap}
        onChange={(event) => onChange({ ...form, cap: event.target.value })}
        error={faultIn(error, 'max_spend_a_day')}
        dir="ltr"
      />
      <TextInput
        label={t`Works until the end of`}
        description={t`Empty: until it is revoked.`}
        type="date"
        value={form.day}
        onChange={(event) => onChange({ ...form, day: event.target.value })}
        error={faultIn(error, 'expires_at')}
      />
      <TextInput
        label={t`Only from these networks`}
        description={t`Addresses or CIDR, with commas between. Empty: from anywhere.`}
        placeholder="203.0.113.0/24"
        value={form.networks}
        onChange={(event) => onChange({ ...form, networks: event.target.value })}
        error={faultIn(error, 'allowed_ips')}
        dir="ltr"
      />
      <Pick
        label={t`Country for calls that name none`}
        value={form.country}
        onPick={(country) => onChange({ ...form, country })}
        options={[['', t`any`], ...countries.map(({ code, name }) => [code, name] as const)]}
      />
    </div>
  )
}

function Made({ made, onClose }: { made: Schemas['NewApiKey']; onClose: () => void }) {
  const { t } = useLingui()
  if (made.key === null)
    return (
      <div className="stack">
        <p>{t`The key was created, but its answer was lost. Revoke it and create another.`}</p>
        <Button onClick={onClose}>{t`Close`}</Button>
      </div>
    )
  return (
    <ShownOnce
      secret={made.key}
      label={t`The key`}
      copyLabel={t`Copy the key`}
      onClose={onClose}
      examplesOf={made.id}
    >
      <Trans>
        It is shown this once. Keep it where your program reads its secrets, not in its code.
      </Trans>
    </ShownOnce>
  )
}
