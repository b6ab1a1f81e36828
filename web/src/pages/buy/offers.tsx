// Offers side by side: pool, network, success, stock, price, and the button that buys.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { faultOf } from '../../api/failure.ts'
import { balanceQuery, type Offer } from '../../api/queries.ts'
import { Flag } from '../../parts/flag.tsx'
import { markOf, useNames } from '../../parts/names.ts'
import { BoneRows, Empty } from '../../parts/page.tsx'
import { count, money } from '../../texts.ts'
import css from './buy.module.css'
import type { Kind, Wanted } from './kind.ts'
import { Pin } from './pin.tsx'
import type { Purchase } from './purchase.ts'

type Props = {
  readonly wanted: Wanted | null
  readonly kind: Kind
  readonly offers: readonly Offer[] | undefined
  readonly purchase: Purchase
}

const rowsAtFirst = 12
const maxQuantity = 20

export function OfferPanel({ wanted, kind, offers, purchase }: Props) {
  const { t } = useLingui()
  const names = useNames()
  const [shown, setShown] = useState(rowsAtFirst)
  const [quantity, setQuantity] = useState(1)
  const [site, setSite] = useState('')
  const isMany = kind !== 'email' && kind !== 'esim'
  const title =
    wanted?.service?.name ??
    (kind === 'esim' ? t`Data plans` : kind === 'email' ? t`Inboxes` : t`All services`)
  return (
    <>
      {kind === 'email' && <Site value={site} onChange={setSite} error={purchase.error} />}
      <section className="panel" aria-label={t`Offers`}>
        <header>
          <div className="row tight">
            <span className="mark">{markOf(title)}</span>
            <h2>{title}</h2>
            <span className="mute clip">{names.country(wanted?.country?.code ?? null)}</span>
            {wanted?.service && wanted.country && (
              <Pin service={wanted.service} country={wanted.country} />
            )}
          </div>
          {isMany && <Quantity value={quantity} onChange={setQuantity} />}
        </header>
        {offers?.length === 0 ? (
          <Empty title={t`Nothing is offered here`}>
            {t`Try another country, or look at the other kinds.`}
          </Empty>
        ) : (
          <div className="scrolls">
            <table className={`table ${css.offers}`} aria-busy={offers === undefined}>
              <caption className="hidden">{t`Offers, cheapest first`}</caption>
              <Head wanted={wanted} kind={kind} />
              <tbody>
                {offers
                  ?.slice(0, shown)
                  .map((offer, at) => (
                    <OfferRow
                      key={offer.id}
                      offer={offer}
                      wanted={wanted}
                      kind={kind}
                      quantity={isMany ? quantity : 1}
                      isFirst={at === 0}
                      purchase={purchase}
                      site={site.trim()}
                    />
                  )) ?? <BoneRows rows={6} columns={5} />}
              </tbody>
            </table>
          </div>
        )}
      </section>
      {offers && offers.length > shown && (
        <div className="row">
          <Button variant="default" onClick={() => setShown(shown + 4 * rowsAtFirst)}>
            <Trans>Show more</Trans>
          </Button>
        </div>
      )}
      <Terms kind={kind} />
    </>
  )
}

type SiteProps = {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly error: unknown
}

function Site({ value, onChange, error }: SiteProps) {
  const { t } = useLingui()
  return (
    <TextInput
      label={t`Who sends the mail?`}
      description={t`The domain of the site you sign up at. Only its mails are taken.`}
      placeholder="example.com"
      value={value}
      onChange={(event) => onChange(event.target.value)}
      error={faultOf(error, 'site')}
      className={css.site}
      dir="ltr"
    />
  )
}

/** Whether a phone has room for the network, too. */
const hasRoom = (wanted: Wanted | null, kind: Kind) =>
  kind === 'activation' && Boolean(wanted?.service && wanted.country)

function Head({ wanted, kind }: { wanted: Wanted | null; kind: Kind }) {
  const { t } = useLingui()
  const isNumber = kind === 'activation' || kind === 'rental'
  const columns = [
    !wanted?.service && isNumber && { name: t`Service` },
    !wanted?.country && kind !== 'email' && { name: t`Country` },
    kind === 'rental' && { name: t`For` },
    kind === 'email' && { name: t`Domain` },
    kind === 'esim' && { name: t`Plan` },
    isNumber && { name: t`Network`, className: hasRoom(wanted, kind) ? undefined : 'wide' },
    isNumber && { name: t`Pool`, className: 'wide' },
    kind !== 'esim' && { name: t`Success` },
    kind === 'activation' && { name: t`Time to code`, className: 'end wide' },
    { name: t`In stock`, className: 'end wide' },
    { name: t`Price`, className: 'end wide' },
  ].filter((one) => one !== false)
  return (
    <thead>
      <tr>
        {columns.map(({ name, className }) => (
          <th key={name} scope="col" className={className}>
            {name}
          </th>
        ))}
        <th scope="col">
          <span className="hidden">{t`Buy`}</span>
        </th>
      </tr>
    </thead>
  )
}

type RowProps = {
  readonly offer: Offer
  readonly wanted: Wanted | null
  readonly kind: Kind
  readonly quantity: number
  readonly isFirst: boolean
  readonly purchase: Purchase
  readonly site: string
}

function OfferRow({ offer, wanted, kind, quantity, isFirst, purchase, site }: RowProps) {
  const names = useNames()
  const isNumber = kind === 'activation' || kind === 'rental'
  return (
    <tr className={offer.stock === 0 ? css.gone : undefined}>
      {!wanted?.service && isNumber && <td>{names.service(offer.service)}</td>}
      {!wanted?.country && kind !== 'email' && (
        <td>
          <span className="row tight">
            <Flag code={offer.country} /> {names.country(offer.country)}
          </span>
        </td>
      )}
      {kind === 'rental' && (
        <td className="nowrap">
          <Days seconds={offer.duration ?? 0} />
        </td>
      )}
      {kind === 'email' && <td className="mono ltr">{offer.email?.domain}</td>}
      {kind === 'esim' && <td>{offer.esim?.plan}</td>}
      {isNumber && (
        <td className={hasRoom(wanted, kind) ? undefined : 'wide'}>
          {names.operator(offer.operator)}
        </td>
      )}
      {isNumber && <td className="mute wide">{offer.pool}</td>}
      {kind !== 'esim' && (
        <td>
          <Success offer={offer} />
        </td>
      )}
      {kind === 'activation' && (
        <td className="end wide">
          <Seconds offer={offer} />
        </td>
      )}
      <td className="end num mute wide">{count(offer.stock)}</td>
      <td className="end num strong ltr wide">{money(offer.price, offer.currency)}</td>
      <td className="end">
        <BuyButton {...{ offer, quantity, isFirst, purchase, site, kind }} />
      </td>
    </tr>
  )
}

type ButtonProps = Omit<RowProps, 'wanted'>

function BuyButton({ offer, quantity, isFirst, purchase, site, kind }: ButtonProps) {
  const { t } = useLingui()
  const { data: balance } = useQuery(balanceQuery)
  const total = times(offer.price, quantity)
  const price = money(total, offer.currency)
  if (offer.stock < quantity)
    return (
      <Button variant="default" disabled>
        {offer.stock === 0 ? t`Out of stock` : t`Only ${count(offer.stock)} left`}
      </Button>
    )
  const isTooDear =
    balance !== undefined && balance.currency === offer.currency && isMore(total, balance.balance)
  if (isTooDear)
    return (
      <Button
        component={Link}
        to="/wallet"
        variant="default"
        title={t`Your balance does not cover it`}
      >
        {t`${price}: top up first`}
      </Button>
    )
  return (
    <Button
      variant={isFirst ? 'filled' : 'default'}
      loading={purchase.buying === offer.id}
      disabled={purchase.buying !== null && purchase.buying !== offer.id}
      onClick={() => purchase.buy(offer, quantity, kind === 'email' ? site : undefined)}
    >
      {quantity > 1 ? t`Buy ${quantity} for ${price}` : t`Buy for ${price}`}
    </Button>
  )
}

/** A decimal times a whole number, as text: money is never a float. */
function times(amount: string, by: number): string {
  const [whole = '0', part = ''] = amount.split('.')
  const product = String(BigInt(whole + part) * BigInt(by)).padStart(part.length + 1, '0')
  return part === '' ? product : `${product.slice(0, -part.length)}.${product.slice(-part.length)}`
}

const scale = 4
const scaled = (amount: string) => {
  const [whole = '0', part = ''] = amount.replace('-', '').split('.')
  const value = BigInt(whole + part.padEnd(scale, '0').slice(0, scale))
  return amount.startsWith('-') ? -value : value
}
const isMore = (a: string, b: string) => scaled(a) > scaled(b)

/** Measured by its own orders, else by those of its pool; else what the operator says of it. */
const measured = (offer: Offer) => offer.statistics ?? offer.pool_statistics

function Success({ offer }: { offer: Offer }) {
  const { t } = useLingui()
  const sample = measured(offer)
  const rate = sample?.success_rate ?? offer.success_rate
  if (rate === null) return <span className="faint small">{t`too few to say`}</span>
  return (
    <span className={css.success}>
      <meter min={0} max={100} value={rate} aria-hidden="true" />
      <span className="num">{t`${Math.round(rate)} %`}</span>
      {sample && <span className="faint small num wide">{t`of ${count(sample.orders)}`}</span>}
    </span>
  )
}

function Seconds({ offer }: { offer: Offer }) {
  const { t } = useLingui()
  const seconds = measured(offer)?.median_seconds
  if (seconds === null || seconds === undefined) return <span className="faint">–</span>
  return <span className="num mute">{t`${Math.round(seconds)} s`}</span>
}

const daySeconds = 86_400

function Days({ seconds }: { seconds: number }) {
  const { t } = useLingui()
  const days = seconds / daySeconds
  const hours = Math.round(seconds / 3_600)
  return Number.isInteger(days) ? (days === 1 ? t`1 day` : t`${days} days`) : t`${hours} hours`
}

function Quantity({ value, onChange }: { value: number; onChange: (value: number) => void }) {
  const { t } = useLingui()
  return (
    <label className={css.quantity}>
      <span className="mute small">{t`How many`}</span>
      <input
        type="number"
        min={1}
        max={maxQuantity}
        value={value}
        onChange={(event) => {
          const next = Math.floor(Number(event.target.value))
          onChange(Math.min(maxQuantity, Math.max(1, next || 1)))
        }}
      />
    </label>
  )
}

function Terms({ kind }: { kind: Kind }) {
  return (
    <p className="mute small">
      {kind === 'activation' && (
        <Trans>
          The price is held now and paid with the first code. If no code comes in time, you get it
          back.
        </Trans>
      )}
      {kind === 'rental' && (
        <Trans>
          A rental is paid at once. It takes every message until it ends, and can be renewed.
        </Trans>
      )}
      {kind === 'email' && (
        <Trans>
          The price is held now and paid with the first mail. Cancelling before it costs a fee.
        </Trans>
      )}
      {kind === 'esim' && (
        <Trans>A data plan is paid at once. You get its activation code and QR.</Trans>
      )}
    </p>
  )
}
