// A table of orders: each row leads to its order, its code can be copied where it stands.
import { Trans } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import type { Order } from '../api/queries.ts'
import { markOf, useNames } from './names.ts'
import { CodeCell, StateTag, TimeLeft, Ware } from './order-parts.tsx'
import { BoneRows } from './page.tsx'

type Props = {
  /** Undefined while they are on their way. */
  readonly orders: readonly Order[] | undefined
  /** How many rows stand for them meanwhile. */
  readonly bones: number
  readonly label: string
}

export function OrderTable({ orders, bones, label }: Props) {
  return (
    <div className="scrolls">
      <table className="table orders" aria-busy={orders === undefined}>
        <caption className="hidden">{label}</caption>
        <thead>
          <tr>
            <th scope="col">
              <Trans>Service</Trans>
            </th>
            <th scope="col">
              <Trans>Number</Trans>
            </th>
            <th scope="col">
              <Trans>Code</Trans>
            </th>
            <th scope="col">
              <Trans>State</Trans>
            </th>
            <th scope="col" className="end">
              <Trans>Left</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {orders ? (
            orders.map((order) => <OrderRow key={order.id} order={order} />)
          ) : (
            <BoneRows rows={bones} columns={5} />
          )}
        </tbody>
      </table>
    </div>
  )
}

function OrderRow({ order }: { order: Order }) {
  const names = useNames()
  const service = order.kind === 'email' ? order.inbox.site : names.service(order.service)
  const place = names.country(order.country)
  return (
    <tr className="leads">
      <td className="service">
        <Link to="/orders/$id" params={{ id: order.id }} className="cover row tight">
          <span className="mark wide" aria-hidden="true">
            {markOf(service)}
          </span>
          <span className="clip">
            {service} <span className="faint small wide">{place}</span>
          </span>
        </Link>
      </td>
      <td className="ware">
        <Ware order={order} />
      </td>
      <td className="received">
        <CodeCell order={order} />
      </td>
      <td className="state">
        <StateTag order={order} />
      </td>
      <td className="end left">
        <TimeLeft order={order} />
      </td>
    </tr>
  )
}
