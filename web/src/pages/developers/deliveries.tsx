// The log of a webhook: each delivery with its attempts, what the receiver said, and sending it again.
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { api, take } from '../../api/client.ts'
import { asOneIntent } from '../../api/intent.ts'
import { queryClient } from '../../api/queries.ts'
import { CopyIcon } from '../../parts/copy-button.tsx'
import { FailureNote } from '../../parts/failure-note.tsx'
import { Icon } from '../../parts/icon.tsx'
import { useNow } from '../../parts/now.ts'
import { Bone, Empty, Panel } from '../../parts/page.tsx'
import { ago, dateTime } from '../../texts.ts'
import { Switch } from './code-block.tsx'
import css from './developers.module.css'
import { type Delivery, deliveriesQuery, deliveryStates, type Webhook } from './queries.ts'

type State = Delivery['state']

export function Deliveries({ webhook }: { webhook: Webhook }) {
  const { t } = useLingui()
  const search = useSearch({ from: '/inside/developers/webhooks/$id' })
  const navigate = useNavigate()
  const state = deliveryStates.find((one) => one === search.state)
  const log = useInfiniteQuery(deliveriesQuery(webhook.id, state))
  const deliveries = log.data?.pages.flatMap((page) => page.data)
  const words = useDeliveryWords()
  const pick = (next: State | 'all') =>
    void navigate({
      to: '/developers/webhooks/$id',
      params: { id: webhook.id },
      search: next === 'all' ? {} : { state: next },
      replace: true,
    })
  return (
    <Panel
      title={t`Deliveries`}
      aside={
        <Switch
          label={t`State`}
          value={state ?? 'all'}
          options={[['all', t`All`], ...deliveryStates.map((one) => [one, words(one)] as const)]}
          onPick={pick}
        />
      }
    >
      <div className={log.error && !deliveries ? 'pad' : undefined}>
        <FailureNote error={deliveries ? null : log.error} />
      </div>
      {deliveries?.length === 0 ? (
        <Empty title={state ? t`No delivery is like this` : t`Nothing was sent yet`}>
          {!state && t`Send a test to see whether your server takes it.`}
        </Empty>
      ) : deliveries === undefined && log.error ? null : (
        <ol className={css.log} aria-busy={deliveries === undefined}>
          {deliveries?.map((one) => <DeliveryItem key={one.id} delivery={one} />) ?? <LogBones />}
        </ol>
      )}
      {log.hasNextPage && (
        <div className="pad">
          <Button
            variant="default"
            loading={log.isFetchingNextPage}
            onClick={() => void log.fetchNextPage()}
          >
            <Trans>Show more</Trans>
          </Button>
        </div>
      )}
    </Panel>
  )
}

function LogBones() {
  return ['a', 'b', 'c'].map((one) => (
    <li key={one} className={css.bones}>
      <Bone width="40%" />
    </li>
  ))
}

function useDeliveryWords() {
  const { t } = useLingui()
  const words: Record<State, string> = {
    pending: t`On its way`,
    delivered: t`Delivered`,
    failed: t`Failed`,
    dropped: t`Dropped`,
  }
  return (state: State) => words[state]
}

const tones = { pending: 'wait', delivered: 'ok', failed: 'bad', dropped: '' } as const

function DeliveryItem({ delivery }: { delivery: Delivery }) {
  const { t } = useLingui()
  const now = useNow()
  const words = useDeliveryWords()
  const [isOpen, setOpen] = useState(false)
  const last = delivery.attempts.at(-1)
  return (
    <li>
      <button
        type="button"
        className={css.delivery}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name={isOpen ? 'down' : 'chevron'} size={13} />
        <span className="mono small ltr clip">{delivery.event_type}</span>
        <span className={`tag ${tones[delivery.state]}`}>{words(delivery.state)}</span>
        <span className="faint small num wide">
          {last && (last.status ?? last.error)}
          {last && ` · ${last.duration_ms} ms`}
        </span>
        <span className="faint small nowrap">
          {delivery.cause === 'test' && `${t`test`} · `}
          {delivery.cause === 'replay' && `${t`again`} · `}
          {ago(delivery.created_at, now)}
        </span>
      </button>
      {isOpen && <Detail delivery={delivery} />}
    </li>
  )
}

function Detail({ delivery }: { delivery: Delivery }) {
  const { t } = useLingui()
  const again = useMutation({
    mutationFn: () =>
      asOneIntent(`again ${delivery.id}`, (header) =>
        take(
          api.POST('/v1/webhooks/{id}/deliveries/{delivery}/replay', {
            params: { path: { id: delivery.webhook_id, delivery: delivery.id }, header },
          }),
        ),
      ),
    onSuccess: () => void queryClient.invalidateQueries({ queryKey: ['webhooks'] }),
  })
  return (
    <div className={css.detail}>
      <div className="row tight wrap small">
        <span className="mono ltr">{delivery.event_id ?? delivery.id}</span>
        <CopyIcon text={delivery.event_id ?? delivery.id} label={t`Copy the event’s id`} />
        <span className="faint">{dateTime(delivery.created_at)}</span>
      </div>
      <Attempts delivery={delivery} />
      {delivery.state === 'dropped' && (
        <p className="mute small">
          {t`It was not sent: the webhook was switched off, or its format has no word for this event.`}
        </p>
      )}
      <FailureNote error={again.error} />
      <div className="row">
        <Button
          variant="default"
          size="compact-sm"
          loading={again.isPending}
          onClick={() => again.mutate()}
        >
          <Trans>Send it again</Trans>
        </Button>
      </div>
    </div>
  )
}

function Attempts({ delivery }: { delivery: Delivery }) {
  const { t } = useLingui()
  const next = delivery.next_attempt_at
  return (
    <>
      <div className="faint small">
        {delivery.attempts.length === 0 ? (
          t`No attempt has ended yet.`
        ) : (
          <Plural value={delivery.attempts.length} one="# attempt" other="# attempts" />
        )}
        {delivery.state === 'pending' && next && ` · ${t`the next at ${dateTime(next)}`}`}
      </div>
      <ol className={css.attempts}>
        {delivery.attempts.map((one) => (
          <li key={one.number}>
            <span className="num small nowrap">
              {one.status ?? '–'} · {one.duration_ms} ms
            </span>
            <span className="faint small">{dateTime(one.at)}</span>
            {one.error && <span className={css.fault}>{one.error}</span>}
            {one.response && <pre className={`${css.response} ltr`}>{one.response}</pre>}
          </li>
        ))}
      </ol>
    </>
  )
}
