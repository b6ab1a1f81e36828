// What can be done with a rental or an inbox: renew, ask for another mail, finish, cancel.
import { useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api, take } from '../../api/client.ts'
import { isFailure } from '../../api/failure.ts'
import { asOneIntent } from '../../api/intent.ts'
import { balanceQuery, type Offer, type Order, offersQuery } from '../../api/queries.ts'
import { putOrder, refreshMoney } from '../../live/apply.ts'
import { announce } from '../../parts/announcer.tsx'
import { FailureNote } from '../../parts/failure-note.tsx'
import { useNow } from '../../parts/now.ts'
import { isOpen } from '../../parts/order-words.ts'
import { clock, dateTime, money } from '../../texts.ts'
import css from './rentals.module.css'

type Verb = 'renew' | 'reorder' | 'finish' | 'cancel'

function useVerb(order: Order) {
  const { t } = useLingui()
  return useMutation({
    mutationFn: (verb: Verb) =>
      // A renewal and a request for another mail may be wished for again: each time is another intent.
      asOneIntent(`${verb} ${order.id} ${order.renewals} ${order.resend_count}`, (header) =>
        take(
          api.POST(`/v1/orders/{id}/${verb}` as '/v1/orders/{id}/renew', {
            params: { path: { id: order.id }, header },
          }),
        ),
      ) as Promise<Order>,
    onSuccess: (changed, verb) => {
      putOrder(changed)
      refreshMoney()
      if (verb === 'renew' && changed.expires_at)
        announce(t`Renewed until ${dateTime(changed.expires_at)}`)
    },
  })
}

export function Actions({ order }: { order: Order }) {
  const { t } = useLingui()
  const verb = useVerb(order)
  const doing = verb.isPending ? verb.variables : null
  const bind = (name: Verb) => ({
    loading: doing === name,
    disabled: doing !== null && doing !== name,
    onClick: () => verb.mutate(name),
  })
  const isPoor = isFailure(verb.error) && verb.error.code === 'insufficient_balance'
  const canReorder = order.kind === 'email' && order.state === 'received' && !order.resend_pending
  return (
    <div className={css.actions}>
      <div className="row tight wrap">
        {order.kind === 'rental' && <Renew order={order} bind={bind('renew')} />}
        {canReorder && <Button {...bind('reorder')}>{t`Wait for another mail`}</Button>}
        {order.kind === 'email' && order.state === 'received' && (
          <Button variant="default" {...bind('finish')}>
            {t`Finish`}
          </Button>
        )}
        <Cancel order={order} bind={bind('cancel')} />
      </div>
      <FailureNote
        error={verb.error}
        action={
          isPoor && (
            <Link to="/" className="link small">
              {t`Show the balance`}
            </Link>
          )
        }
      />
    </div>
  )
}

type Bound = { readonly loading: boolean; readonly disabled: boolean; readonly onClick: () => void }
type Props = { readonly order: Order; readonly bind: Bound }

/** The offer that a renewal is bought from: its price may have changed since. */
function useOffer(order: Order) {
  const offers = useQuery({
    ...offersQuery({
      kind: 'rental',
      ...(order.service ? { service: order.service } : {}),
      ...(order.country ? { country: order.country } : {}),
    }),
    enabled: isRenewable(order),
  })
  const found: Offer | undefined = offers.data?.find((one) => one.id === order.offer_id)
  return { isKnown: offers.data !== undefined, offer: found }
}

const isRenewable = (order: Order) => 'renewable_until' in order && order.renewable_until !== null

function Renew({ order, bind }: Props) {
  const { t } = useLingui()
  const { data: balance } = useQuery(balanceQuery)
  const { isKnown, offer } = useOffer(order)
  const length = useLength(order.duration ?? 0)
  if (!isRenewable(order)) return null
  if (isKnown && !offer)
    return (
      <Button variant="default" disabled>
        {t`Renew: no longer offered`}
      </Button>
    )
  const price = offer ? money(offer.price, offer.currency) : null
  const isTooDear =
    offer !== undefined &&
    balance !== undefined &&
    balance.currency === offer.currency &&
    isMore(offer.price, balance.balance)
  if (isTooDear)
    return (
      <Button variant="default" disabled>
        {t`Renew for ${price}: not enough money`}
      </Button>
    )
  return (
    <Button {...bind} disabled={bind.disabled || price === null}>
      {price === null ? t`Renew` : t`Renew ${length} for ${price}`}
    </Button>
  )
}

const daySeconds = 86_400

function useLength(seconds: number): string {
  const { t } = useLingui()
  const days = seconds / daySeconds
  const hours = Math.round(seconds / 3_600)
  if (!Number.isInteger(days)) return t`${hours} hours`
  return days === 1 ? t`1 day` : t`${days} days`
}

const scale = 4

/** Decimals compared as whole numbers of their smallest part: money is never a float. */
function isMore(a: string, b: string): boolean {
  const scaled = (amount: string) => {
    const [whole = '0', part = ''] = amount.replace('-', '').split('.')
    const value = BigInt(whole + part.padEnd(scale, '0').slice(0, scale))
    return amount.startsWith('-') ? -value : value
  }
  return scaled(a) > scaled(b)
}

const isOver = (until: string | null, now: number) => until === null || Date.parse(until) <= now

function Cancel({ order, bind }: Props) {
  const { t } = useLingui()
  const now = useNow()
  if ('cancellable_until' in order && isOver(order.cancellable_until, now)) return null
  if (!isOpen(order) || order.kind === 'esim' || order.state === 'allocating') return null
  if (order.messages.length > 0 || order.code !== null) return null
  const until = order.cancel_after === null ? 0 : Date.parse(order.cancel_after) - now
  if (order.kind !== 'rental' && until > 0) {
    const left = clock(until / 1_000)
    return (
      <Button variant="default" disabled>
        {t`Cancel`} <span className={`${css.why} num`}>{t`in ${left}`}</span>
      </Button>
    )
  }
  return (
    <Button variant="default" {...bind}>
      {order.kind === 'email'
        ? t`Cancel for a fee of ${money(order.inbox.cancellation_fee, order.currency)}`
        : t`Cancel and get ${money(order.price, order.currency)} back`}
    </Button>
  )
}
