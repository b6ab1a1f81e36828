// A row of the list: what it is, what came last, how long it lasts.
import { useLingui } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import type { Order } from '../../api/queries.ts'
import { Flag } from '../../parts/flag.tsx'
import { useNames } from '../../parts/names.ts'
import { useNow } from '../../parts/now.ts'
import { StateTag, useArrival } from '../../parts/order-parts.tsx'
import { isOpen, wareOf } from '../../parts/order-words.ts'
import { useTimeLeft } from '../../parts/time-left.ts'
import { ago } from '../../texts.ts'
import type { LastingKind } from './kinds.ts'
import css from './rentals.module.css'

type Props = {
  readonly order: Order
  readonly kind: LastingKind
  readonly isChosen: boolean
}

export function RentalRow({ order, kind, isChosen }: Props) {
  const { t } = useLingui()
  const names = useNames()
  const now = useNow()
  const last = order.messages.at(-1)
  const isNew = useArrival(last?.id ?? null)
  const left = useTimeLeft()(order)
  const title =
    order.kind === 'email'
      ? order.inbox.site
      : order.kind === 'esim'
        ? order.esim.plan
        : names.service(order.service)
  const said = last ? (last.subject ?? last.text) : null
  return (
    <li className={isNew ? 'arrives' : undefined}>
      <Link
        to="/rentals/$id"
        params={{ id: order.id }}
        search={{ kind }}
        className={css.row}
        aria-current={isChosen ? 'true' : undefined}
        data-over={!isOpen(order) && kind !== 'esim' ? true : undefined}
      >
        <span className="row tight">
          <span className="strong clip">{title}</span>
          <Flag code={order.country} />
          <span className={`${css.when} faint small nowrap`}>
            {last ? ago(last.received_at, now) : ago(order.created_at, now)}
          </span>
        </span>
        <span className="row tight">
          <span className="mono small ltr clip">
            {kind === 'esim' ? names.country(order.country) : (wareOf(order) ?? t`being found`)}
          </span>
        </span>
        {kind !== 'esim' && (
          <span className="row tight">
            <span className="mute small clip" dir="auto">
              {said ?? (isOpen(order) ? t`No message yet` : t`No message came`)}
            </span>
            <span className={css.when}>
              {isOpen(order) && left ? (
                <span className="faint small num nowrap">{left}</span>
              ) : (
                <StateTag order={order} />
              )}
            </span>
          </span>
        )}
      </Link>
    </li>
  )
}
