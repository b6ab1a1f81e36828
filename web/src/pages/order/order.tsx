// An order: its number, its code the moment it comes, its messages, what can be done, and what happened.
import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { type Order, orderQuery } from '../../api/queries.ts'
import { CopyIcon, useCopy } from '../../parts/copy-button.tsx'
import { useNames } from '../../parts/names.ts'
import { StateTag } from '../../parts/order-parts.tsx'
import { groupedCode } from '../../parts/order-words.ts'
import { Panel, useTitle } from '../../parts/page.tsx'
import { useTimeLeft } from '../../parts/time-left.ts'
import { useShortcut } from '../../shell/keys.ts'
import { dateTime, money } from '../../texts.ts'
import { Actions } from './actions.tsx'
import { ByApi } from './by-api.tsx'
import { CodeDigits } from './code-digits.tsx'
import { Hero } from './hero.tsx'
import { Messages } from './messages.tsx'
import { Note } from './note.tsx'
import css from './order.module.css'
import { Timeline } from './timeline.tsx'

export function OrderPage() {
  const { t } = useLingui()
  const { id } = useParams({ from: '/inside/orders/$id' })
  const { data: order } = useQuery(orderQuery(id))
  const names = useNames()
  const [, copyCode] = useCopy(order?.code ?? '')
  useShortcut('c', t`Copy the code`, order?.code ? () => void copyCode() : null)
  const service = order ? nameOf(order, names.service(order.service)) : t`Order`
  useTitle(order?.code ? `${groupedCode(order.code)} · ${service}` : service)
  if (!order) return null
  return (
    <>
      <div className={`row tight faint small ${css.crumbs}`}>
        <Link to="/orders" className="link">
          <Trans>Orders</Trans>
        </Link>
        <span aria-hidden="true">/</span>
        <span className="mono ltr">{order.id}</span>
        <CopyIcon text={order.id} label={t`Copy the order’s id`} />
      </div>
      <div className={css.two}>
        <div className="stack">
          <section className={`panel ${css.hero}`} aria-label={t`Number and code`}>
            <Hero order={order} service={service} />
            {order.kind !== 'esim' && <CodeDigits order={order} />}
            <Actions order={order} />
          </section>
          {order.kind !== 'esim' && <Messages order={order} />}
          <ByApi order={order} />
        </div>
        <aside className="stack" aria-label={t`About this order`}>
          <Facts order={order} />
          <Timeline order={order} />
          <Note order={order} />
        </aside>
      </div>
    </>
  )
}

const nameOf = (order: Order, service: string) =>
  order.kind === 'email' ? order.inbox.site : service

function Facts({ order }: { order: Order }) {
  const { t } = useLingui()
  const names = useNames()
  const isPaid = order.code !== null || order.kind === 'rental' || order.kind === 'esim'
  const isBack =
    order.state === 'cancelled' || order.state === 'expired' || order.state === 'failed'
  const price = money(order.price, order.currency)
  return (
    <Panel title={t`Window`} aside={<Left order={order} />}>
      <dl className="kv">
        <Fact name={t`Price`}>
          <span className="num">
            {isPaid && order.code !== null
              ? t`${price}, paid`
              : isBack
                ? t`${price}, given back`
                : isPaid
                  ? t`${price}, paid`
                  : t`${price}, held`}
          </span>
        </Fact>
        {order.country && <Fact name={t`Country`}>{names.country(order.country)}</Fact>}
        {order.operator && <Fact name={t`Network`}>{names.operator(order.operator)}</Fact>}
        {order.pool && <Fact name={t`Pool`}>{order.pool}</Fact>}
        <Fact name={t`Bought`}>{dateTime(order.created_at)}</Fact>
        {order.reference && (
          <Fact name={t`Reference`}>
            <span className="mono small">{order.reference}</span>
          </Fact>
        )}
        {Object.entries(order.metadata).map(([key, value]) => (
          <Fact key={key} name={key}>
            {value}
          </Fact>
        ))}
        {order.replaces && (
          <Fact name={t`In place of`}>
            <OrderLink id={order.replaces} />
          </Fact>
        )}
        {order.replaced_by && (
          <Fact name={t`Replaced by`}>
            <OrderLink id={order.replaced_by} />
          </Fact>
        )}
      </dl>
    </Panel>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}

const OrderLink = ({ id }: { id: string }) => (
  <Link to="/orders/$id" params={{ id }} className="link mono small ltr">
    {id}
  </Link>
)

function Left({ order }: { order: Order }) {
  const left = useTimeLeft()(order)
  if (left === null) return <StateTag order={order} />
  return (
    <span className="num mute" role="timer">
      {left}
    </span>
  )
}
