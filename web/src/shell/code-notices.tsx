// A code that comes while another page is open: said once, shown for a while, and leading to its order.
import { Trans, useLingui } from '@lingui/react/macro'
import { ActionIcon } from '@mantine/core'
import { Link, useLocation } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import type { Order } from '../api/queries.ts'
import { onCode } from '../live/apply.ts'
import { announce } from '../parts/announcer.tsx'
import { CopyIcon } from '../parts/copy-button.tsx'
import { Icon } from '../parts/icon.tsx'
import { useNames } from '../parts/names.ts'
import { groupedCode } from '../parts/order-words.ts'
import css from './shell.module.css'

const shownMs = 12_000
const maxShown = 3

export function CodeNotices() {
  const { t } = useLingui()
  const names = useNames()
  const path = useLocation({ select: ({ pathname }) => pathname })
  const [orders, setOrders] = useState<readonly Order[]>([])
  const hear = useRef<(order: Order) => void>(() => {})
  hear.current = (order) => {
    const service = names.service(order.service)
    announce(t`Code for ${service}: ${[...(order.code ?? '')].join(' ')}`)
    // The order's own page shows it, and so do the lists.
    if (path === '/' || path.startsWith('/orders')) return
    setOrders((shown) => [order, ...shown.filter(({ id }) => id !== order.id)].slice(0, maxShown))
  }
  useEffect(() => onCode((order) => hear.current(order)), [])
  useEffect(() => {
    if (orders.length === 0) return
    const timer = setTimeout(() => setOrders([]), shownMs)
    return () => clearTimeout(timer)
  }, [orders])
  return (
    <div className={css.notices}>
      {orders.map((order) => (
        <div className={css.notice} key={order.id}>
          <Link to="/orders/$id" params={{ id: order.id }}>
            <span className="mute small">
              <Trans>Code for {names.service(order.service)}</Trans>
            </span>
            <span className={`${css.code} ltr`} style={{ display: 'block' }}>
              {groupedCode(order.code ?? '')}
            </span>
          </Link>
          <CopyIcon text={order.code ?? ''} label={t`Copy the code`} />
          <ActionIcon
            variant="subtle"
            aria-label={t`Close`}
            onClick={() => setOrders((shown) => shown.filter(({ id }) => id !== order.id))}
          >
            <Icon name="close" size={15} />
          </ActionIcon>
        </div>
      ))}
    </div>
  )
}
