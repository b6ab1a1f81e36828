// Buy: one search over services and countries, their offers, and Enter buys the first.
import { useLingui } from '@lingui/react/macro'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { countriesQuery, type Offer, offersQuery, servicesQuery } from '../../api/queries.ts'
import { FailureNote } from '../../parts/failure-note.tsx'
import { Icon } from '../../parts/icon.tsx'
import { readWish } from '../../parts/matching.ts'
import { Empty, Page } from '../../parts/page.tsx'
import { useShortcut } from '../../shell/keys.ts'
import css from './buy.module.css'
import { kindOf, kinds, type Wanted } from './kind.ts'
import { OfferPanel } from './offers.tsx'
import { usePurchase } from './purchase.ts'
import { Suggestions } from './suggestions.tsx'

/** How long to wait for the next letter before the address follows what is typed. */
const settleMs = 250

export function Buy() {
  const { t } = useLingui()
  const { q = '', kind: shownKind } = useSearch({ from: '/inside/buy' })
  const navigate = useNavigate()
  const kind = kindOf(shownKind)
  const [text, setText] = useText(q, (next) =>
    navigate({ to: '/buy', search: searchOf(next, kind), replace: true }),
  )
  const wanted = useWanted(text, kind)
  const isAsked = kind === 'activation' || kind === 'rental' ? wanted !== null : true
  const offers = useQuery({
    ...offersQuery(filterOf(wanted, kind)),
    placeholderData: keepPreviousData,
    enabled: isAsked,
  })
  const list = useMemo(() => (isAsked ? ranked(offers.data ?? []) : []), [offers.data, isAsked])
  const purchase = usePurchase()
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [])
  useShortcut('b', t`Search for what to buy`, () => field.current?.select())
  // While the offers for what is typed are on their way, those of before are shown: Enter buys none of them.
  const first = offers.isPlaceholderData ? undefined : list.find((one) => one.stock > 0)
  const hear = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !first) return
    event.preventDefault()
    purchase.buy(first, 1)
  }
  return (
    <Page title={t`Buy`} actions={<Kinds kind={kind} text={text} />}>
      <div className="stack">
        {kind !== 'email' && (
          <label className={css.find}>
            <Icon name="search" size={18} />
            <input
              ref={field}
              value={text}
              onChange={(event) => setText(event.target.value)}
              onKeyDown={hear}
              placeholder={kind === 'esim' ? t`Country` : t`Service and country: wa us`}
              aria-label={kind === 'esim' ? t`Country` : t`Service and country`}
              autoComplete="off"
              spellCheck={false}
              type="search"
              enterKeyHint="go"
            />
            {first && <kbd className="wide">{t`Enter buys the first`}</kbd>}
          </label>
        )}
        <FailureNote error={purchase.error ?? offers.error} />
        {isAsked ? (
          <OfferPanel
            wanted={wanted}
            kind={kind}
            offers={offers.data === undefined ? undefined : list}
            purchase={purchase}
          />
        ) : text.trim() === '' ? (
          <Suggestions kind={kind} />
        ) : (
          <section className="panel">
            <Empty title={t`Nothing is called “${text.trim()}”`}>
              {t`Type a service, a country, or both: whatsapp, germany, or wa us.`}
            </Empty>
          </section>
        )}
      </div>
    </Page>
  )
}

const searchOf = (q: string, kind: string) => ({
  ...(q.trim() === '' ? {} : { q: q.trim() }),
  ...(kind === 'activation' ? {} : { kind }),
})

/** What is typed, and the address behind it: each follows the other. */
function useText(q: string, write: (text: string) => void) {
  const [text, setText] = useState(q)
  const written = useRef(q)
  useEffect(() => {
    if (q === written.current) return
    written.current = q
    setText(q)
  }, [q])
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const set = (next: string) => {
    setText(next)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => {
      written.current = next.trim()
      write(next)
    }, settleMs)
  }
  useEffect(() => () => clearTimeout(timer.current), [])
  return [text, set] as const
}

function useWanted(text: string, kind: string): Wanted | null {
  const { data: services } = useQuery(servicesQuery)
  const { data: countries } = useQuery(countriesQuery)
  const named = useMemo(
    () => ({
      services: services?.map((one) => ({ ...one, codes: [one.slug] })) ?? [],
      countries:
        countries?.map((one) => ({
          ...one,
          codes: one.code === 'GB' ? ['GB', 'UK'] : [one.code],
        })) ?? [],
    }),
    [services, countries],
  )
  return useMemo(
    () => readWish(text, kind === 'esim' ? [] : named.services, named.countries),
    [text, named, kind],
  )
}

const filterOf = (wanted: Wanted | null, kind: string) => ({
  kind,
  ...(wanted?.service ? { service: wanted.service.slug } : {}),
  ...(wanted?.country ? { country: wanted.country.code } : {}),
})

/** What can be bought first, then the cheapest, then the likelier. */
function ranked(offers: readonly Offer[]): Offer[] {
  const rank = (one: Offer) => (one.stock > 0 ? 0 : 1)
  return [...offers].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      Number(a.price) - Number(b.price) ||
      (b.success_rate ?? 0) - (a.success_rate ?? 0) ||
      (a.duration ?? 0) - (b.duration ?? 0) ||
      a.id - b.id,
  )
}

function Kinds({ kind, text }: { kind: string; text: string }) {
  const { t, i18n } = useLingui()
  const navigate = useNavigate()
  return (
    <div className={css.kinds} role="group" aria-label={t`Kind`}>
      {kinds.map(({ id, label }) => (
        <button
          type="button"
          key={id}
          aria-pressed={id === kind}
          onClick={() => void navigate({ to: '/buy', search: searchOf(text, id), replace: true })}
        >
          {i18n._(label)}
        </button>
      ))}
    </div>
  )
}
