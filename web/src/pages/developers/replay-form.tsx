// Sending the events of a period again: those that were missed, or all of them.
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Button, Modal, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, take } from '../../api/client.ts'
import { asOneIntent } from '../../api/intent.ts'
import { queryClient } from '../../api/queries.ts'
import { FailureNote } from '../../parts/failure-note.tsx'
import { areAllBeside, Choice, faultIn } from './fields.tsx'
import { type Webhook, webhooksQuery } from './queries.ts'

type Props = { readonly webhook: Webhook; readonly onClose: () => void }

const dayMs = 86_400_000

/** A time as the field of a browser has it: local, to the minute. */
function localTime(ms: number): string {
  const at = new Date(ms)
  return new Date(ms - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

const isoOf = (local: string): string | null => {
  const at = new Date(local)
  return Number.isNaN(at.getTime()) ? null : at.toISOString()
}

type Period = { readonly from: string; readonly to: string; readonly isAll: boolean }

function useReplay(webhook: Webhook, { from, to, isAll }: Period) {
  return useMutation({
    mutationFn: () => {
      const until = isoOf(to)
      const body = { from: isoOf(from) ?? '', all: isAll, ...(until ? { to: until } : {}) }
      return asOneIntent(`replay ${webhook.id} ${JSON.stringify(body)}`, (header) =>
        take(
          api.POST('/v1/webhooks/{id}/replay', {
            params: { path: { id: webhook.id }, header },
            body,
          }),
        ),
      )
    },
    onSuccess: () => void queryClient.invalidateQueries({ queryKey: webhooksQuery.queryKey }),
  })
}

export function ReplayForm({ webhook, onClose }: Props) {
  const { t } = useLingui()
  const [period, setPeriod] = useState<Period>(() => ({
    from: localTime(webhook.failing_since ? Date.parse(webhook.failing_since) : Date.now() - dayMs),
    to: '',
    isAll: false,
  }))
  const replay = useReplay(webhook, period)
  const isTimeless = isoOf(period.from) === null
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!replay.isPending && !isTimeless) replay.mutate()
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={t`Send events again`}
      size={440}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': t`Close` }}
    >
      <form className="stack" onSubmit={submit} noValidate>
        <p className="mute">
          <Trans>
            Also those from while it was switched off. Events are kept for 30 days. Each has the
            same id as before, so that your server knows it.
          </Trans>
        </p>
        <Fields period={period} onChange={setPeriod} error={replay.error} />
        {!areAllBeside(replay.error, ['from', 'to']) && <FailureNote error={replay.error} />}
        {replay.data && <Queued queued={replay.data.queued} isMore={replay.data.more} />}
        <div className="row tight">
          <Button type="submit" loading={replay.isPending} disabled={isTimeless}>
            {isTimeless ? t`Say from when` : t`Send them`}
          </Button>
          <Button variant="subtle" onClick={onClose}>
            {replay.data ? t`Close` : t`Leave it`}
          </Button>
        </div>
      </form>
    </Modal>
  )
}

type FieldsProps = {
  readonly period: Period
  readonly onChange: (period: Period) => void
  readonly error: unknown
}

function Fields({ period, onChange, error }: FieldsProps) {
  const { t } = useLingui()
  return (
    <>
      <TextInput
        label={t`From`}
        type="datetime-local"
        value={period.from}
        onChange={(event) => onChange({ ...period, from: event.target.value })}
        error={faultIn(error, 'from')}
      />
      <TextInput
        label={t`Until`}
        description={t`Empty: until now.`}
        type="datetime-local"
        value={period.to}
        onChange={(event) => onChange({ ...period, to: event.target.value })}
        error={faultIn(error, 'to')}
      />
      <Choice
        type="checkbox"
        name="all"
        label={t`Also those that were delivered`}
        isChosen={period.isAll}
        onChange={(isAll) => onChange({ ...period, isAll })}
      />
    </>
  )
}

function Queued({ queued, isMore }: { queued: number; isMore: boolean }) {
  const { t } = useLingui()
  return (
    <div className="note" role="status">
      <div>
        <Plural
          value={queued}
          _0="Nothing was missed in this time."
          one="# event is on its way."
          other="# events are on their way."
        />{' '}
        {isMore && t`There are more: send again when these have arrived.`}
      </div>
    </div>
  )
}
