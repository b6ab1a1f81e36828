// Home: what is open now with its codes, the balance, the last codes, and what to do first.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { balanceQuery, latestOrdersQuery, type Order } from '../../api/queries.ts'
import { CopyIcon } from '../../parts/copy-button.tsx'
import { FailureNote } from '../../parts/failure-note.tsx'
import { useNames } from '../../parts/names.ts'
import { useNow } from '../../parts/now.ts'
import { OrderTable } from '../../parts/order-table.tsx'
import { groupedCode, isOpen } from '../../parts/order-words.ts'
import { Bone, Empty, Page, Panel } from '../../parts/page.tsx'
import { ago, count, money } from '../../texts.ts'
import css from './home.module.css'

const maxRead = 20
const maxOpen = 10
const maxCodes = 5

export function Home() {
  const { t } = useLingui()
  const { data: orders, error } = useQuery(latestOrdersQuery({}, maxRead))
  const open = orders?.filter(isOpen)
  return (
    <Page title={t`Home`} actions={<BuyButton />}>
      <div className="stack">
        <FailureNote error={orders ? null : error} />
        {orders?.length === 0 ? (
          <FirstSteps />
        ) : (
          <>
            <Figures orders={orders} />
            <Panel
              title={t`Open now`}
              aside={open && open.length > 0 && <span className="faint small">{t`live`}</span>}
            >
              {open?.length === 0 ? (
                <Empty title={t`Nothing is open`} action={<BuyButton />}>
                  <Trans>A number that you buy is here at once, and its code when it comes.</Trans>
                </Empty>
              ) : (
                <OrderTable orders={open?.slice(0, maxOpen)} bones={3} label={t`Open now`} />
              )}
            </Panel>
            <LastCodes orders={orders} />
          </>
        )}
      </div>
    </Page>
  )
}

function BuyButton() {
  return (
    <Button component={Link} to="/buy" rightSection={<kbd>B</kbd>}>
      <Trans>Buy a number</Trans>
    </Button>
  )
}

/** What an account sees that has bought nothing yet. */
function FirstSteps() {
  const { t } = useLingui()
  const { data: balance } = useQuery(balanceQuery)
  const amount = balance ? money(balance.balance, balance.currency) : ''
  return (
    <Panel title={t`Your first code`}>
      <ol className={css.steps}>
        <li>
          <strong>
            <Trans>Choose a service and a country</Trans>
          </strong>
          <span className="mute">
            <Trans>Your balance is {amount}. The price is held until a code comes.</Trans>
          </span>
        </li>
        <li>
          <strong>
            <Trans>Type the number where you sign up</Trans>
          </strong>
          <span className="mute">
            <Trans>The page of the order has it, ready to copy.</Trans>
          </span>
        </li>
        <li>
          <strong>
            <Trans>Copy the code</Trans>
          </strong>
          <span className="mute">
            <Trans>It appears by itself. If none comes, you get your money back.</Trans>
          </span>
        </li>
      </ol>
      <div className="pad">
        {balance && Number(balance.balance) <= 0 ? (
          <Button component={Link} to="/wallet">
            <Trans>Top up first</Trans>
          </Button>
        ) : (
          <BuyButton />
        )}
      </div>
    </Panel>
  )
}

const dayMs = 86_400_000

function Figures({ orders }: { orders: readonly Order[] | undefined }) {
  const { t } = useLingui()
  const now = useNow()
  const { data: balance } = useQuery(balanceQuery)
  const held = orders?.filter((one) => one.state === 'waiting' || one.state === 'allocating')
  const today = orders?.filter((one) => one.code && now - Date.parse(one.received_at ?? '') < dayMs)
  return (
    <div className={css.figures}>
      <Figure
        label={t`Balance`}
        value={balance && money(balance.balance, balance.currency)}
        note={t`ready to spend`}
      />
      <Figure
        label={t`Open now`}
        value={orders && count(orders.filter(isOpen).length)}
        note={
          held && (held.length === 0 ? t`none is waiting` : t`${held.length} waiting for a code`)
        }
      />
      <Figure
        label={t`Codes, last 24 hours`}
        value={today && (today.length === maxRead ? `${maxRead}+` : count(today.length))}
        note={t`of your latest orders`}
      />
    </div>
  )
}

type FigureProps = {
  readonly label: string
  readonly value: string | undefined
  readonly note: string | undefined
}

function Figure({ label, value, note }: FigureProps) {
  return (
    <div className={`panel ${css.figure}`}>
      <div className="mute small">{label}</div>
      <div className={`${css.value} num ltr`}>{value ?? <Bone width={90} height={27} />}</div>
      <div className="faint small num">{note ?? <Bone width={110} />}</div>
    </div>
  )
}

function LastCodes({ orders }: { orders: readonly Order[] | undefined }) {
  const { t } = useLingui()
  const names = useNames()
  const now = useNow()
  const codes = orders?.filter((one) => one.code !== null && !isOpen(one)).slice(0, maxCodes)
  if (codes?.length === 0) return null
  return (
    <Panel
      title={t`Last codes`}
      aside={
        <Link to="/orders" className="link small">
          <Trans>All orders</Trans>
        </Link>
      }
    >
      <table className="table">
        <caption className="hidden">{t`Last codes`}</caption>
        <tbody>
          {codes?.map((order) => (
            <tr key={order.id} className="leads">
              <td>
                <Link to="/orders/$id" params={{ id: order.id }} className="cover">
                  {names.service(order.service)}
                </Link>
              </td>
              <td>
                <span className="code ltr">{groupedCode(order.code ?? '')}</span>{' '}
                <span className="above">
                  <CopyIcon text={order.code ?? ''} label={t`Copy the code`} />
                </span>
              </td>
              <td className="end faint small">{ago(order.received_at ?? order.created_at, now)}</td>
            </tr>
          )) ?? (
            <tr>
              <td>
                <Bone width="50%" />
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </Panel>
  )
}
