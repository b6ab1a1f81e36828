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

export function ReplayForm({ webhook, onClose }: Props) {
  const { t } = useLingui()
  const [from, setFrom] = useState(() =>
    localTime(webhook.failing_since ? Date.parse(webhook.failing_since) : Date.now() - dayMs),
  )
  const [to, setTo] = useState('')
  const [isAll, setAll] = useState(false)
  const replay = useMutation({
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
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!replay.isPending) replay.mutate()
  }
  const done = replay.data
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
        <TextInput
          label={t`From`}
          type="datetime-local"
          value={from}
          onChange={(event) => setFrom(event.target.value)}
          error={faultIn(replay.error, 'from')}
        />
        <TextInput
          label={t`Until`}
          description={t`Empty: until now.`}
          type="datetime-local"
          value={to}
          onChange={(event) => setTo(event.target.value)}
          error={faultIn(replay.error, 'to')}
        />
        <Choice
          type="checkbox"
          name="all"
          label={t`Also those that were delivered`}
          isChosen={isAll}
          onChange={setAll}
        />
        {!areAllBeside(replay.error, ['from', 'to']) && <FailureNote error={replay.error} />}
        {done && (
          <div className="note" role="status">
            <div>
              <Plural
                value={done.queued}
                _0="Nothing was missed in this time."
                one="# event is on its way."
                other="# events are on their way."
              />{' '}
              {done.more && t`There are more: send again when these have arrived.`}
            </div>
          </div>
        )}
        <div className="row tight">
          <Button type="submit" loading={replay.isPending} disabled={isoOf(from) === null}>
            {isoOf(from) === null ? t`Say from when` : t`Send them`}
          </Button>
          <Button variant="subtle" onClick={onClose}>
            {done ? t`Close` : t`Leave it`}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
