// Adding a webhook, or changing one: its address, its format, its events. The secret is shown once.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Modal, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, take } from '../../api/client.ts'
import { asOneIntent } from '../../api/intent.ts'
import { queryClient } from '../../api/queries.ts'
import { FailureNote } from '../../parts/failure-note.tsx'
import css from './developers.module.css'
import { areAllBeside, Choice, faultIn, Group } from './fields.tsx'
import { aboutOf, type EventName, eventNames, type FormatName } from './formats.ts'
import { formatsQuery, type Webhook, type WebhookFormat, webhooksQuery } from './queries.ts'
import { ShownOnce } from './shown-once.tsx'

type Form = {
  readonly url: string
  readonly description: string
  readonly format: FormatName
  readonly isAll: boolean
  readonly events: readonly EventName[]
}

const formOf = (webhook: Webhook | undefined): Form => ({
  url: webhook?.url ?? '',
  description: webhook?.description ?? '',
  format: webhook?.format ?? 'standard',
  isAll: webhook?.events.includes('*') ?? true,
  events: webhook?.events.filter((one) => one !== '*') ?? ['order.code_received'],
})

const none: readonly WebhookFormat[] = []
const fields = ['url', 'description', 'format', 'events']

function useSave(form: Form, webhook: Webhook | undefined) {
  const what = {
    url: form.url.trim(),
    description: form.description.trim(),
    format: form.format,
    events: form.isAll ? (['*'] as EventName[]) : [...form.events],
  }
  return useMutation({
    mutationFn: async (): Promise<string | null> => {
      if (webhook) {
        const path = { id: webhook.id }
        await take(api.PATCH('/v1/webhooks/{id}', { params: { path }, body: what }))
        return null
      }
      const made = await asOneIntent(`webhook ${JSON.stringify(what)}`, (header) =>
        take(api.POST('/v1/webhooks', { params: { header }, body: what })),
      )
      return made.secret ?? ''
    },
    onSuccess: () => void queryClient.invalidateQueries({ queryKey: webhooksQuery.queryKey }),
  })
}

type Props = { readonly webhook?: Webhook; readonly onClose: () => void }

export function WebhookForm({ webhook, onClose }: Props) {
  const { t } = useLingui()
  const [form, setForm] = useState(() => formOf(webhook))
  const { data: formats = none } = useQuery(formatsQuery)
  const save = useSave(form, webhook)
  const secret = save.data ?? null
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!save.isPending)
      save.mutate(undefined, { onSuccess: (shown) => shown === null && onClose() })
  }
  const hasNone = !form.isAll && form.events.length === 0
  return (
    <Modal
      opened
      onClose={onClose}
      title={secret !== null ? t`Your new webhook` : webhook ? t`Change it` : t`Add a webhook`}
      size={560}
      lockScroll={false}
      closeOnClickOutside={false}
      closeOnEscape={secret === null}
      withCloseButton={secret === null}
      closeButtonProps={{ 'aria-label': t`Close` }}
    >
      {secret !== null ? (
        <Secret secret={secret} onClose={onClose} />
      ) : (
        <form className="stack" onSubmit={submit} noValidate>
          <TextInput
            label={t`Address`}
            description={t`An https address that can be reached from the internet.`}
            placeholder="https://example.com/hooks/numlet"
            type="url"
            data-autofocus
            value={form.url}
            onChange={(event) => setForm({ ...form, url: event.target.value })}
            error={faultIn(save.error, 'url')}
            dir="ltr"
          />
          <TextInput
            label={t`Name`}
            description={t`Only for you.`}
            maxLength={200}
            value={form.description}
            onChange={(event) => setForm({ ...form, description: event.target.value })}
            error={faultIn(save.error, 'description')}
          />
          <FormatChoice formats={formats} form={form} onChange={setForm} error={save.error} />
          <Events formats={formats} form={form} onChange={setForm} error={save.error} />
          {!areAllBeside(save.error, fields) && <FailureNote error={save.error} />}
          <div className="row tight wrap">
            <Button type="submit" loading={save.isPending} disabled={hasNone}>
              {hasNone ? t`Choose an event` : webhook ? t`Save` : t`Add the webhook`}
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

/** The secret of a webhook, once; empty if the answer that had it was lost. */
export function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  const { t } = useLingui()
  if (secret === '')
    return (
      <div className="stack">
        <p>{t`It was done, but the answer with the secret was lost. Rotate the secret to get another.`}</p>
        <Button onClick={onClose}>{t`Close`}</Button>
      </div>
    )
  return (
    <ShownOnce
      secret={secret}
      label={t`The secret`}
      copyLabel={t`Copy the secret`}
      onClose={onClose}
    >
      <Trans>
        Your server checks with it that a delivery is ours. It is shown this once; you can have
        another at any time.
      </Trans>
    </ShownOnce>
  )
}

type PartProps = {
  readonly formats: readonly WebhookFormat[]
  readonly form: Form
  readonly onChange: (form: Form) => void
  readonly error: unknown
}

function FormatChoice({ formats, form, onChange, error }: PartProps) {
  const { t, i18n } = useLingui()
  const choose = (format: FormatName) => {
    const can = eventsOf(formats, format)
    const events = form.events.filter((one) => can.includes(one))
    onChange({ ...form, format, events })
  }
  return (
    <Group label={t`Format`} error={faultIn(error, 'format')}>
      {formats.map((one) => (
        <Choice
          key={one.name}
          type="radio"
          name="format"
          label={one.title}
          hint={aboutOf(one, (words) => i18n._(words))}
          isChosen={form.format === one.name}
          onChange={() => choose(one.name)}
        />
      ))}
    </Group>
  )
}

/** The events that a format has, in the order in which they are offered. */
function eventsOf(formats: readonly WebhookFormat[], name: FormatName): readonly EventName[] {
  const can: readonly string[] = formats.find((one) => one.name === name)?.events ?? eventNames
  return eventNames.filter((one) => can.includes(one))
}

function Events({ formats, form, onChange, error }: PartProps) {
  const { t } = useLingui()
  const offered = eventsOf(formats, form.format)
  const choose = (name: EventName, isChosen: boolean) =>
    onChange({
      ...form,
      events: eventNames.filter((one) => (one === name ? isChosen : form.events.includes(one))),
    })
  return (
    <Group label={t`Events`} error={faultIn(error, 'events')}>
      <Choice
        type="checkbox"
        name="all"
        label={t`All that the format has`}
        isChosen={form.isAll}
        onChange={(isAll) => onChange({ ...form, isAll })}
      />
      {!form.isAll && (
        <div className={css.events}>
          {offered.map((name) => (
            <Choice
              key={name}
              type="checkbox"
              name={name}
              label={name}
              isChosen={form.events.includes(name)}
              onChange={(isChosen) => choose(name, isChosen)}
            />
          ))}
        </div>
      )}
    </Group>
  )
}
