// What was chosen: the number or address with its messages as a conversation, or an eSIM with its QR code.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams, useSearch } from '@tanstack/react-router'
import { type Order, orderQuery } from '../../api/queries.ts'
import { useCopy } from '../../parts/copy-button.tsx'
import { Flag } from '../../parts/flag.tsx'
import { Icon } from '../../parts/icon.tsx'
import { useNames } from '../../parts/names.ts'
import { StateTag } from '../../parts/order-parts.tsx'
import { wareOf } from '../../parts/order-words.ts'
import { Empty, useTitle } from '../../parts/page.tsx'
import { useTimeLeft } from '../../parts/time-left.ts'
import { useShortcut } from '../../shell/keys.ts'
import { dateTime } from '../../texts.ts'
import { Actions } from './actions.tsx'
import { EsimCard } from './esim.tsx'
import { isLasting } from './kinds.ts'
import { Messages } from './messages.tsx'
import css from './rentals.module.css'

export function Conversation() {
  const { t } = useLingui()
  const { id } = useParams({ from: '/inside/rentals/$id' })
  const search = useSearch({ from: '/inside/rentals' })
  const { data: order } = useQuery(orderQuery(id))
  const names = useNames()
  const [, copyCode] = useCopy(order?.code ?? '')
  useShortcut('c', t`Copy the newest code`, order?.code ? () => void copyCode() : null)
  const title = order ? titleOf(order, names.service(order.service)) : t`Messages`
  useTitle(title)
  if (!order) return null
  if (!isLasting(order)) return <OtherKind order={order} />
  return (
    <section className={`panel ${css.card}`} aria-label={title}>
      <div className={css.back}>
        <Link to="/rentals" search={search} className="link">
          <Trans>All</Trans>
        </Link>
      </div>
      <Head order={order} title={title} />
      {order.kind === 'esim' ? <EsimCard order={order} /> : <Messages order={order} />}
    </section>
  )
}

const titleOf = (order: Order, service: string) =>
  order.kind === 'email' ? order.inbox.site : order.kind === 'esim' ? order.esim.plan : service

function Head({ order, title }: { order: Order; title: string }) {
  const { t } = useLingui()
  const names = useNames()
  const left = useTimeLeft()(order)
  return (
    <div className={css.head}>
      <div className="row tight wrap">
        <h2 className={css.title}>{title}</h2>
        <Flag code={order.country} />
        <span className="mute">{names.country(order.country)}</span>
        <StateTag order={order} />
        {left && order.expires_at && (
          <span className="mute small num" title={dateTime(order.expires_at)}>
            {left}
          </span>
        )}
        <Link to="/orders/$id" params={{ id: order.id }} className={`link small ${css.when}`}>
          {t`The whole order`}
        </Link>
      </div>
      {order.kind !== 'esim' && <WareLine order={order} />}
      <Actions key={order.id} order={order} />
    </div>
  )
}

function WareLine({ order }: { order: Order }) {
  const { t } = useLingui()
  const ware = wareOf(order)
  const [isCopied, copy] = useCopy(ware ?? '')
  if (ware === null) return <p className="mute">{t`A number is being found.`}</p>
  return (
    <div className="row tight wrap">
      <span className={`${css.ware} ltr`}>{ware}</span>
      <Button
        variant="default"
        size="compact-sm"
        leftSection={<Icon name={isCopied ? 'check' : 'copy'} size={14} />}
        onClick={() => void copy()}
      >
        {isCopied ? t`Copied` : t`Copy`}
      </Button>
    </div>
  )
}

/** An order for one code has its own page. */
function OtherKind({ order }: { order: Order }) {
  const { t } = useLingui()
  return (
    <section className="panel">
      <Empty
        title={t`This is an order for a code`}
        action={
          <Button
            renderRoot={(props) => <Link {...props} to="/orders/$id" params={{ id: order.id }} />}
          >
            {t`Show the order`}
          </Button>
        }
      />
    </section>
  )
}
