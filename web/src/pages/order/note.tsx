// The person's own note on an order, which the search of the orders finds.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, take } from '../../api/client.ts'
import { faultOf } from '../../api/failure.ts'
import type { Order } from '../../api/queries.ts'
import { putOrder } from '../../live/apply.ts'
import { FailureNote } from '../../parts/failure-note.tsx'
import { Panel } from '../../parts/page.tsx'
import css from './order.module.css'

const maxLength = 1_000

export function Note({ order }: { order: Order }) {
  const { t } = useLingui()
  const [draft, setDraft] = useState<string | null>(null)
  const save = useMutation({
    mutationFn: (note: string) =>
      take(
        api.PATCH('/v1/orders/{id}', {
          params: { path: { id: order.id } },
          body: { note: note.trim() === '' ? null : note.trim() },
        }),
      ) as Promise<Order>,
    onSuccess: (changed) => {
      putOrder(changed)
      setDraft(null)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (draft !== null && !save.isPending) save.mutate(draft)
  }
  return (
    <Panel
      title={t`Your note`}
      aside={
        draft === null && (
          <Button
            variant="subtle"
            size="compact-sm"
            onClick={() => setDraft(order.note ?? '')}
            aria-label={order.note === null ? t`Add a note` : t`Edit the note`}
          >
            {order.note === null ? <Trans>Add</Trans> : <Trans>Edit</Trans>}
          </Button>
        )
      }
    >
      <div className="pad">
        {draft === null ? (
          <p className={`${css.note} ${order.note === null ? 'faint' : ''}`} dir="auto">
            {order.note ?? t`Only for you: what this number is for, or how it went.`}
          </p>
        ) : (
          <form className="stack" onSubmit={submit}>
            <textarea
              className={css.draft}
              aria-label={t`Your note`}
              maxLength={maxLength}
              rows={3}
              value={draft}
              onChange={(event) => setDraft(event.target.value)}
              dir="auto"
            />
            {faultOf(save.error, 'note') ?? <FailureNote error={save.error} />}
            <div className="row tight">
              <Button type="submit" loading={save.isPending}>
                <Trans>Save</Trans>
              </Button>
              <Button variant="subtle" onClick={() => setDraft(null)}>
                <Trans>Leave it</Trans>
              </Button>
            </div>
          </form>
        )}
      </div>
    </Panel>
  )
}
