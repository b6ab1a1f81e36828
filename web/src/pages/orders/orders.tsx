// All orders: filters stand in the address, rows stay while more are read, and the list as CSV.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { readOrders, type ShownFilter } from '../../api/queries.ts'
import { FailureNote } from '../../parts/failure-note.tsx'
import { OrderTable } from '../../parts/order-table.tsx'
import { Empty, Page } from '../../parts/page.tsx'
import { Download } from './download.tsx'
import { Filters } from './filters.tsx'

const rowsAPage = 25

export function Orders() {
  const { t } = useLingui()
  const filter = useSearch({ from: '/inside/orders' })
  const navigate = useNavigate()
  const list = useInfiniteQuery({
    queryKey: ['orders', 'pages', filter],
    queryFn: ({ pageParam, signal }) =>
      readOrders({ ...filter, limit: rowsAPage, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  })
  const orders = list.data?.pages.flatMap((page) => page.data)
  const isFiltered = Object.keys(filter).length > 0
  const change = (next: ShownFilter) => void navigate({ to: '/orders', search: next })
  return (
    <Page title={t`Orders`} actions={<Download filter={filter} isEmpty={orders?.length === 0} />}>
      <div className="stack">
        <Filters filter={filter} onChange={change} />
        <FailureNote error={list.error} />
        <section className="panel" aria-label={t`Orders`}>
          {orders?.length === 0 ? (
            <Empty
              title={isFiltered ? t`No order is like this` : t`No orders yet`}
              action={
                isFiltered ? (
                  <Button variant="default" onClick={() => change({})}>
                    <Trans>Show all</Trans>
                  </Button>
                ) : (
                  <Button component={Link} to="/buy">
                    <Trans>Buy a number</Trans>
                  </Button>
                )
              }
            >
              {!isFiltered && t`What you buy here or by the API is listed here, newest first.`}
            </Empty>
          ) : (
            <OrderTable orders={orders} bones={8} label={t`Orders`} />
          )}
        </section>
        {list.hasNextPage && (
          <div className="row">
            <Button
              variant="default"
              loading={list.isFetchingNextPage}
              onClick={() => void list.fetchNextPage()}
            >
              <Trans>Show more</Trans>
            </Button>
          </div>
        )}
      </div>
    </Page>
  )
}
