// What can be done with an order, and for what cannot be done at the moment, why.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api, take } from '../../api/client.ts'
import { asOneIntent } from '../../api/intent.ts'
import { type Order, orderQuery, queryClient } from '../../api/queries.ts'
import { putOrder, refreshMoney } from '../../live/apply.ts'
import { useCopy } from '../../parts/copy-button.tsx'
import { FailureNote } from '../../parts/failure-note.tsx'
import { Icon } from '../../parts/icon.tsx'
import { useNow } from '../../parts/now.ts'
import { isOpen } from '../../parts/order-words.ts'
import { clock, money } from '../../texts.ts'
import css from './order.module.css'

type Verb = 'cancel' | 'finish' | 'resend' | 'replace' | 'claim'

function useVerb(order: Order) {
  const navigate = useNavigate()
  return useMutation({
    mutationFn: (verb: Verb) =>
      asOneIntent(`${verb} ${order.id} ${order.resend_count}`, (headers) =>
        take(
          api.POST(`/v1/orders/{id}/${verb}` as '/v1/orders/{id}/cancel', {
            params: { path: { id: order.id }, header: headers },
          }),
        ),
      ) as Promise<Order>,
    onSuccess: (changed, verb) => {
      putOrder(changed)
      refreshMoney()
      if (verb === 'replace') void navigate({ to: '/orders/$id', params: { id: changed.id } })
    },
    // Somebody else may have been first: what is refused says why, and the order is read again.
    onError: () => void queryClient.invalidateQueries({ queryKey: orderQuery(order.id).queryKey }),
  })
}

export function Actions({ order }: { order: Order }) {
  const { t } = useLingui()
  const verb = useVerb(order)
  const [isCopied, copyCode] = useCopy(order.code ?? '')
  const doing = verb.isPending ? verb.variables : null
  const bind = (name: Verb) => ({
    size: 'md' as const,
    variant: 'default' as const,
    loading: doing === name,
    disabled: doing !== null && doing !== name,
    onClick: () => verb.mutate(name),
  })
  const isActivation = order.kind === 'activation'
  const hasCode = order.code !== null
  return (
    <div className={css.actions}>
      <div className="row tight wrap">
        {hasCode && (
          <Button
            size="md"
            onClick={() => void copyCode()}
            leftSection={isCopied ? <Icon name="check" /> : undefined}
            rightSection={<kbd>C</kbd>}
          >
            {isCopied ? t`Copied` : t`Copy code`}
          </Button>
        )}
        {isActivation && order.state === 'received' && !order.resend_pending && (
          <Button {...bind('resend')}>
            <Trans>Ask for another code</Trans>
          </Button>
        )}
        {isActivation && order.state === 'received' && (
          <Button {...bind('finish')}>
            <Trans>Finish</Trans>
          </Button>
        )}
        <Cancel order={order} bind={bind('cancel')} />
        {isActivation && order.state === 'waiting' && (
          <Replace order={order} bind={bind('replace')} />
        )}
        {order.late_code_available && (
          <Button {...bind('claim')} variant="filled">
            <Trans>Get the late code for {money(order.price, order.currency)}</Trans>
          </Button>
        )}
      </div>
      <FailureNote error={verb.error} />
    </div>
  )
}

type Bound = {
  readonly size: 'md'
  readonly variant: 'default'
  readonly loading: boolean
  readonly disabled: boolean
  readonly onClick: () => void
}

/** The time until a number may be cancelled stands on the button. */
function useWait(order: Order): number {
  const now = useNow()
  const from = order.cancel_after === null ? 0 : Date.parse(order.cancel_after)
  return Math.max(0, (from - now) / 1_000)
}

function Cancel({ order, bind }: { order: Order; bind: Bound }) {
  const { t } = useLingui()
  const wait = useWait(order)
  if (!isOpen(order) || order.kind === 'esim' || order.state === 'allocating') return null
  if (order.code !== null)
    return order.kind === 'activation' ? (
      <Button size="md" variant="default" disabled>
        {t`Cancel`} <span className={css.why}>{t`not after a code`}</span>
      </Button>
    ) : null
  if (order.kind === 'rental' && order.messages.length > 0) return null
  if (wait > 0) {
    const left = clock(wait)
    return (
      <Button size="md" variant="default" disabled>
        {t`Cancel`} <span className={`${css.why} num`}>{t`in ${left}`}</span>
      </Button>
    )
  }
  return (
    <Button {...bind}>
      {order.kind === 'email'
        ? t`Cancel for a fee of ${money(order.inbox.cancellation_fee, order.currency)}`
        : t`Cancel and get ${money(order.price, order.currency)} back`}
    </Button>
  )
}

function Replace({ order, bind }: { order: Order; bind: Bound }) {
  const { t } = useLingui()
  const wait = useWait(order)
  const left = clock(wait)
  return (
    <Button {...bind} disabled={bind.disabled || wait > 0}>
      {t`Another number`}
      {wait > 0 && <span className={`${css.why} num`}>{t`in ${left}`}</span>}
    </Button>
  )
}
