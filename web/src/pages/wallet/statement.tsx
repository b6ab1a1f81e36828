// The statement: every movement of money in a period that stands in the address, and the same as CSV.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { api, take } from '../../api/client.ts'
import type { Transaction } from '../../api/queries.ts'
import { CsvButton } from '../../parts/csv-button.tsx'
import { FailureNote } from '../../parts/failure-note.tsx'
import { BoneRows, Empty, Panel } from '../../parts/page.tsx'
import { dateTime, money } from '../../texts.ts'
import { momentsOf, nameOf, type Period, type PeriodName, periodNamed } from './period.ts'
import css from './wallet.module.css'
import { useMovementWords } from './words.ts'

const rowsAPage = 25

export function Statement() {
  const { t } = useLingui()
  const period = useSearch({ from: '/inside/wallet' })
  const navigate = useNavigate()
  const list = useInfiniteQuery({
    queryKey: ['transactions', 'pages', period],
    queryFn: ({ pageParam, signal }) => {
      const more = pageParam ? { cursor: pageParam } : {}
      const query = { limit: rowsAPage, ...momentsOf(period), ...more }
      return take(api.GET('/v1/transactions', { params: { query }, signal }))
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  })
  const lines = list.data?.pages.flatMap((page) => page.data as Transaction[])
  const isFiltered = period.from !== undefined || period.to !== undefined
  const change = (next: Period) =>
    void navigate({ to: '/wallet', search: next, replace: true, resetScroll: false })
  return (
    <Panel
      title={t`Statement`}
      aside={
        <CsvButton
          path="/v1/transactions.csv"
          query={momentsOf(period)}
          name="transactions.csv"
          isEmpty={lines?.length === 0}
        />
      }
    >
      <div className="pad" style={{ paddingBottom: 4 }}>
        <PeriodFilter period={period} onChange={change} />
      </div>
      {list.error && (
        <div className="pad">
          <FailureNote error={list.error} />
        </div>
      )}
      {lines?.length === 0 ? (
        <Empty
          title={isFiltered ? t`Nothing moved in this period` : t`No money has moved yet`}
          action={
            isFiltered && (
              <Button variant="default" onClick={() => change({})}>
                <Trans>Show all</Trans>
              </Button>
            )
          }
        >
          {!isFiltered && t`Top-ups, prices that are held, and money that comes back stand here.`}
        </Empty>
      ) : (
        (lines || !list.error) && <Lines lines={lines} isOld={list.isPlaceholderData} />
      )}
      {list.hasNextPage && (
        <div className="pad">
          <Button
            variant="default"
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

type FilterProps = { readonly period: Period; readonly onChange: (next: Period) => void }

function PeriodFilter({ period, onChange }: FilterProps) {
  const { t } = useLingui()
  const now = new Date()
  const set = (key: keyof Period, value: string) => {
    const { [key]: _, ...rest } = period
    onChange(value === '' ? rest : { ...rest, [key]: value })
  }
  return (
    <div className={css.period} role="group" aria-label={t`Period`}>
      <select
        aria-label={t`Period`}
        value={nameOf(period, now)}
        onChange={(event) => onChange(periodNamed(event.target.value as PeriodName, now))}
      >
        <option value="all">{t`All of it`}</option>
        <option value="week">{t`Last 7 days`}</option>
        <option value="month">{t`This month`}</option>
        <option value="last-month">{t`Last month`}</option>
        <option value="other" disabled>
          {t`Other days`}
        </option>
      </select>
      <input
        type="date"
        aria-label={t`From`}
        value={period.from ?? ''}
        max={period.to}
        onChange={(event) => set('from', event.target.value)}
      />
      <span className="faint" aria-hidden="true">
        –
      </span>
      <input
        type="date"
        aria-label={t`To`}
        value={period.to ?? ''}
        min={period.from}
        onChange={(event) => set('to', event.target.value)}
      />
    </div>
  )
}

function Lines({ lines, isOld }: { lines: readonly Transaction[] | undefined; isOld: boolean }) {
  const { t } = useLingui()
  return (
    <div className="scrolls">
      <table className={`table ${css.statement}`} aria-busy={lines === undefined || isOld}>
        <caption className="hidden">{t`Statement`}</caption>
        <thead>
          <tr>
            <th scope="col">
              <Trans>What</Trans>
            </th>
            <th scope="col" className="wide">
              <Trans>When</Trans>
            </th>
            <th scope="col" className="end">
              <Trans>Change</Trans>
            </th>
            <th scope="col" className="end wide">
              <Trans>Balance</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {lines ? (
            lines.map((line) => <Line key={line.id} line={line} />)
          ) : (
            <BoneRows rows={6} columns={4} />
          )}
        </tbody>
      </table>
    </div>
  )
}

function Line({ line }: { line: Transaction }) {
  const words = useMovementWords()
  const when = dateTime(line.created_at)
  const isChange = Number(line.change) !== 0
  return (
    <tr className="leads">
      <td>
        {line.order_id !== null ? (
          <Link to="/orders/$id" params={{ id: line.order_id }} className="cover">
            {words(line)}
          </Link>
        ) : line.deposit_id !== null ? (
          <Link to="/wallet/deposits/$id" params={{ id: line.deposit_id }} className="cover">
            {words(line)}
          </Link>
        ) : (
          words(line)
        )}
        <div className={`${css.when} faint small`}>{when}</div>
        {line.reference !== '' && (
          <div className="faint small" dir="auto">
            {line.reference}
          </div>
        )}
      </td>
      <td className="wide mute small nowrap">{when}</td>
      <td className="end num">
        <span className={`ltr ${isChange ? 'strong' : 'faint'}`}>
          {isChange ? changeOf(line) : money(line.amount, line.currency)}
        </span>
      </td>
      <td className="end num mute wide">
        <span className="ltr">
          {line.balance_after === null ? '' : money(line.balance_after, line.currency)}
        </span>
      </td>
    </tr>
  )
}

/** With its sign, also where money comes in. */
const changeOf = ({ change, currency }: Transaction) =>
  change.startsWith('-') ? money(change, currency) : `+${money(change, currency)}`
