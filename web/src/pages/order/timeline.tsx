// What happened to an order and what comes next, from what the order says.
import { useLingui } from '@lingui/react/macro'
import type { Order } from '../../api/queries.ts'
import { isOpen } from '../../parts/order-words.ts'
import { Panel } from '../../parts/page.tsx'
import { money, time } from '../../texts.ts'
import css from './order.module.css'

type Step = {
  readonly at: string
  readonly words: string
  readonly tone: 'ok' | 'next' | 'bad' | 'plain'
}

export function Timeline({ order }: { order: Order }) {
  const { t } = useLingui()
  const steps = useSteps(order)
  return (
    <Panel title={t`What happened`}>
      <ol className={css.timeline}>
        {steps.map(({ at, words, tone }) => (
          <li key={`${at}${words}`} data-tone={tone}>
            <time className="faint small num ltr" dateTime={at}>
              {time(at)}
            </time>
            <i aria-hidden="true" />
            <span className={tone === 'next' ? 'mute' : undefined}>{words}</span>
          </li>
        ))}
      </ol>
    </Panel>
  )
}

function useSteps(order: Order): Step[] {
  const { t } = useLingui()
  const end = useEnd()
  const price = money(order.price, order.currency)
  const isPaidAtOnce = order.kind === 'rental' || order.kind === 'esim'
  const steps: Step[] = [
    {
      at: order.created_at,
      words: isPaidAtOnce ? t`Bought for ${price}, paid` : t`Bought for ${price}, held`,
      tone: 'plain',
    },
    ...order.messages.map(
      (message, at): Step => ({
        at: message.received_at,
        words:
          message.code === null
            ? t`Message without a code`
            : at === 0 && !isPaidAtOnce
              ? t`Code received; ${price} paid`
              : t`Code received`,
        tone: 'ok',
      }),
    ),
  ]
  if (order.closed_at) steps.push({ at: order.closed_at, ...end(order, price) })
  if (isOpen(order) && order.expires_at)
    steps.push({ at: order.expires_at, words: t`The window ends`, tone: 'next' })
  return steps
}

/** How an order ended, in words. */
function useEnd() {
  const { t } = useLingui()
  return (order: Order, price: string): Pick<Step, 'words' | 'tone'> => {
    switch (order.state) {
      case 'cancelled':
        return { words: t`Cancelled; ${price} given back`, tone: 'plain' }
      case 'expired':
        return { words: t`No code came; ${price} given back`, tone: 'bad' }
      case 'failed':
        return { words: t`No number was found; ${price} given back`, tone: 'bad' }
      case 'ended':
        return { words: t`The rental ended`, tone: 'plain' }
      default:
        return { words: t`Finished`, tone: 'plain' }
    }
  }
}
