// The last deposits: what is still to be paid leads to its page, what was paid has an invoice.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api, take } from '../../api/client.ts'
import type { Deposit } from '../../api/queries.ts'
import { FailureNote } from '../../parts/failure-note.tsx'
import { BoneRows, Empty, Panel } from '../../parts/page.tsx'
import { dateTime, money } from '../../texts.ts'
import { toneOf, useDepositWords } from './words.ts'

const rowsAPage = 5

export function Deposits() {
  const { t } = useLingui()
  const list = useInfiniteQuery({
    queryKey: ['deposits', 'list'],
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: rowsAPage, ...(pageParam ? { cursor: pageParam } : {}) }
      return take(api.GET('/v1/deposits', { params: { query }, signal }))
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
  const deposits = list.data?.pages.flatMap((page) => page.data)
  return (
    <Panel title={t`Top-ups`}>
      {deposits === undefined && list.error ? (
        <div className="pad">
          <FailureNote error={list.error} />
        </div>
      ) : deposits?.length === 0 ? (
        <Empty title={t`No top-ups yet`}>
          <Trans>Choose an amount and a way to pay. The money is here as soon as it is paid.</Trans>
        </Empty>
      ) : (
        <div className="scrolls">
          <table className="table" aria-busy={deposits === undefined}>
            <caption className="hidden">{t`Top-ups`}</caption>
            <tbody>
              {deposits ? (
                deposits.map((deposit) => <DepositRow key={deposit.id} deposit={deposit} />)
              ) : (
                <BoneRows rows={2} columns={4} />
              )}
            </tbody>
          </table>
        </div>
      )}
      {list.hasNextPage && (
        <div className="pad" style={{ paddingTop: 8 }}>
          <Button
            variant="default"
            size="compact-sm"
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            <Trans>Show more</Trans>
          </Button>
        </div>
      )}
    </Panel>
  )
}

function DepositRow({ deposit }: { deposit: Deposit }) {
  const words = useDepositWords()
  const { t } = useLingui()
  const when = dateTime(deposit.created_at)
  return (
    <tr className="leads">
      <td>
        <Link to="/wallet/deposits/$id" params={{ id: deposit.id }} className="cover num">
          {money(deposit.amount, deposit.currency)}
        </Link>
      </td>
      <td>
        <span className={`tag ${toneOf(deposit)}`}>{words(deposit)}</span>
      </td>
      <td className="wide mute small">{when}</td>
      <td className="end">
        {deposit.credited !== null && (
          <a
            className="link small above"
            href={invoiceOf(deposit)}
            target="_blank"
            rel="noreferrer"
            aria-label={t`Invoice of ${when}`}
          >
            <Trans>Invoice</Trans>
          </a>
        )}
      </td>
    </tr>
  )
}

/** The address of an invoice, a page to be printed. */
export const invoiceOf = ({ id }: Deposit) => `/v1/deposits/${encodeURIComponent(id)}/invoice`
