// Rentals, inboxes and eSIMs: the list on the left, what was chosen from it on the right.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, Outlet, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { orderQuery, readOrders } from '../../api/queries.ts'
import { FailureNote } from '../../parts/failure-note.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Bone, Empty, useTitle } from '../../parts/page.tsx'
import { useCommands } from '../../shell/commands.ts'
import { useShortcut } from '../../shell/keys.ts'
import { type LastingKind, lastingKind, lastingKinds } from './kinds.ts'
import css from './rentals.module.css'
import { RentalRow } from './row.tsx'

const rowsAPage = 25

export function Rentals() {
  const { t } = useLingui()
  const kind = useKind()
  const { id } = useParams({ strict: false })
  useKindCommands()
  return (
    <>
      <div className="row between wrap page-head">
        <h1>{t`Rentals and inboxes`}</h1>
        <BuyButton kind={kind} />
      </div>
      <div className={css.two} data-chosen={id !== undefined || undefined}>
        <div className={`stack ${css.side}`}>
          <Kinds kind={kind} />
          <List kind={kind} chosen={id} />
        </div>
        <div className={css.main}>{id === undefined ? <Hint kind={kind} /> : <Outlet />}</div>
      </div>
    </>
  )
}

/** The kind of the address, else that of what is chosen, else rentals. */
function useKind(): LastingKind {
  const search = useSearch({ from: '/inside/rentals' })
  const { id } = useParams({ strict: false })
  const { data: order } = useQuery({ ...orderQuery(id ?? ''), enabled: id !== undefined })
  return lastingKind(search.kind) ?? lastingKind(order?.kind) ?? 'rental'
}

function useKindCommands() {
  const { i18n } = useLingui()
  const navigate = useNavigate()
  useCommands(
    useMemo(
      () =>
        lastingKinds.map(({ id, label }) => ({
          id: `rentals-${id}`,
          label: i18n._(label),
          icon: 'message' as const,
          run: () => void navigate({ to: '/rentals', search: { kind: id } }),
        })),
      [i18n, navigate],
    ),
  )
}

function BuyButton({ kind }: { kind: LastingKind }) {
  const { i18n } = useLingui()
  const words = lastingKinds.find(({ id }) => id === kind)?.buy
  return (
    <Button renderRoot={(props) => <Link {...props} to="/buy" search={{ kind }} />}>
      {words && i18n._(words)}
    </Button>
  )
}

function Kinds({ kind }: { kind: LastingKind }) {
  const { t, i18n } = useLingui()
  return (
    <nav className={css.kinds} aria-label={t`Kind`}>
      {lastingKinds.map(({ id, label }) => (
        <Link
          key={id}
          to="/rentals"
          search={{ kind: id }}
          data-on={id === kind || undefined}
          aria-current={id === kind ? 'true' : undefined}
        >
          {i18n._(label)}
        </Link>
      ))}
    </nav>
  )
}

function List({ kind, chosen }: { kind: LastingKind; chosen: string | undefined }) {
  const { t } = useLingui()
  const navigate = useNavigate()
  const list = useInfiniteQuery({
    queryKey: ['orders', 'pages', { kind }],
    queryFn: ({ pageParam, signal }) =>
      readOrders({ kind, limit: rowsAPage, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  })
  // The rows of another kind must not stand under this one's name.
  const orders = list.isPlaceholderData ? undefined : list.data?.pages.flatMap((page) => page.data)
  const step = (by: 1 | -1) => {
    const at = orders?.findIndex((one) => one.id === chosen) ?? -1
    const next = orders?.[at < 0 ? 0 : at + by]
    if (next) void navigate({ to: '/rentals/$id', params: { id: next.id }, search: { kind } })
  }
  useShortcut('j', t`The next one`, () => step(1))
  useShortcut('k', t`The one before`, () => step(-1))
  const labels = { rental: t`Rentals`, email: t`Inboxes`, esim: t`eSIMs` }
  return (
    <>
      <FailureNote error={orders ? null : list.error} />
      {(orders || !list.error) && (
        <section className="panel" aria-label={labels[kind]}>
          {orders?.length === 0 ? (
            <NoneYet kind={kind} />
          ) : (
            <ul className={css.list} aria-busy={orders === undefined}>
              {orders?.map((order) => (
                <RentalRow
                  key={order.id}
                  order={order}
                  kind={kind}
                  isChosen={order.id === chosen}
                />
              )) ?? <Bones />}
            </ul>
          )}
        </section>
      )}
      {list.hasNextPage && (
        <Button
          variant="default"
          loading={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          <Trans>Show more</Trans>
        </Button>
      )}
    </>
  )
}

function Bones() {
  return ['a', 'b', 'c', 'd'].map((one) => (
    <li key={one} className={css.bones}>
      <Bone width="60%" />
      <Bone width="40%" />
    </li>
  ))
}

function NoneYet({ kind }: { kind: LastingKind }) {
  const { t } = useLingui()
  const words = {
    rental: [
      t`No rental yet`,
      t`A rented number takes every message for days, and can be kept by renewing it.`,
    ],
    email: [
      t`No inbox yet`,
      t`An inbox is an address that takes the mails of one site: links and codes are picked out.`,
    ],
    esim: [t`No eSIM yet`, t`A data plan to scan with a phone, ready at once.`],
  } as const
  const [title, about] = words[kind]
  return (
    <Empty title={title} action={<BuyButton kind={kind} />}>
      {about}
    </Empty>
  )
}

/** What stands on the right while nothing is chosen; on a phone the list is all there is. */
function Hint({ kind }: { kind: LastingKind }) {
  const { t } = useLingui()
  useTitle(t`Rentals and inboxes`)
  return (
    <section className={`panel ${css.hint}`} aria-label={t`Nothing is chosen`}>
      <Icon name={kind === 'email' ? 'mail' : 'message'} size={22} />
      <p className="mute">
        {kind === 'esim'
          ? t`Choose an eSIM to see its QR code.`
          : t`Choose one to read its messages. New ones appear by themselves.`}
      </p>
      <p className="faint small wide">
        <kbd>J</kbd> <kbd>K</kbd>
      </p>
    </section>
  )
}
