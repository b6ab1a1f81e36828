// The request log: what programs asked with the keys of the account, and how it was answered.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, TextInput } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useEffect, useState } from 'react'
import { CopyIcon } from '../../parts/copy-button.tsx'
import { FailureNote } from '../../parts/failure-note.tsx'
import { useNow } from '../../parts/now.ts'
import { BoneRows, Empty, Panel, useTitle } from '../../parts/page.tsx'
import { ago, dateTime } from '../../texts.ts'
import { Switch } from './code-block.tsx'
import css from './developers.module.css'
import { useIsOwner } from './developers.tsx'
import { OwnersOnly } from './owners-only.tsx'
import {
  isAnswerClass,
  keysQuery,
  type LoggedRequest,
  type RequestFilter,
  requestsQuery,
} from './queries.ts'

export function Requests() {
  const { t } = useLingui()
  useTitle(t`Requests`)
  return useIsOwner() ? <RequestLog /> : <OwnersOnly what={t`Requests`} />
}

function RequestLog() {
  const { t } = useLingui()
  const filter = useFilter()
  const log = useInfiniteQuery(requestsQuery(filter.value))
  const requests = log.data?.pages.flatMap((page) => page.data)
  return (
    <Panel
      title={t`Requests`}
      aside={<span className="faint small">{t`Without bodies and queries`}</span>}
    >
      <Filters {...filter} />
      <div className={log.error && !requests ? 'pad' : undefined}>
        <FailureNote error={requests ? null : log.error} />
      </div>
      {requests?.length === 0 && !log.hasNextPage ? (
        <NoRequests isFiltered={filter.isSet} onShowAll={() => filter.change({})} />
      ) : (
        !(log.error && !requests) && <RequestTable requests={requests} />
      )}
      {log.hasNextPage && (
        <div className="pad">
          <Button
            variant="default"
            loading={log.isFetchingNextPage}
            onClick={() => void log.fetchNextPage()}
          >
            {filter.isSet ? <Trans>Look further back</Trans> : <Trans>Show more</Trans>}
          </Button>
        </div>
      )}
    </Panel>
  )
}

type Filtering = {
  readonly value: RequestFilter
  readonly isSet: boolean
  readonly change: (next: Search) => void
}

/** What is undefined is not asked for. */
type Search = { readonly [Name in keyof RequestFilter]: RequestFilter[Name] | undefined }

/** The filter stands in the address. */
function NoRequests({ isFiltered, onShowAll }: { isFiltered: boolean; onShowAll: () => void }) {
  const { t } = useLingui()
  return isFiltered ? (
    <Empty
      title={t`No requests match`}
      action={
        <Button variant="default" onClick={onShowAll}>
          {t`Show all requests`}
        </Button>
      }
    >
      {t`None of the last days has this answer, key and path.`}
    </Empty>
  ) : (
    <Empty title={t`No requests yet`}>
      {t`Requests made with your keys, in every API, appear here about a second later.`}
    </Empty>
  )
}

function useFilter(): Filtering {
  const { status, key, path } = useSearch({ from: '/inside/developers/requests' })
  const navigate = useNavigate()
  const value: RequestFilter = {
    ...(isAnswerClass(status) ? { status } : {}),
    ...(key ? { key } : {}),
    ...(path ? { path } : {}),
  }
  return {
    value,
    isSet: Object.keys(value).length > 0,
    change: (search) =>
      void navigate({ to: '/developers/requests', search: clean(search), replace: true }),
  }
}

const clean = (search: Search) =>
  Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined))

function Filters({ value, change }: Filtering) {
  const { t } = useLingui()
  const { status, key, path } = value
  const [typed, setTyped] = useState(path ?? '')
  useEffect(() => setTyped(path ?? ''), [path])
  const set = (part: Search) => change({ ...value, ...part })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    set({ path: typed.trim() || undefined })
  }
  return (
    <div className={css.requestFilters}>
      <Switch
        label={t`Answer`}
        value={status ?? 'all'}
        options={[
          ['all', t`All`],
          ['2xx', '2xx'],
          ['3xx', '3xx'],
          ['4xx', '4xx'],
          ['5xx', '5xx'],
        ]}
        onPick={(next) => set({ status: next === 'all' ? undefined : next })}
      />
      <KeyChoice value={key} onPick={(next) => set({ key: next || undefined })} />
      <form onSubmit={submit} role="search">
        <TextInput
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          placeholder="/v1/orders"
          aria-label={t`Path starts with`}
          type="search"
          enterKeyHint="search"
        />
      </form>
    </div>
  )
}

type KeyChoiceProps = {
  readonly value: string | undefined
  readonly onPick: (id: string) => void
}

function KeyChoice({ value, onPick }: KeyChoiceProps) {
  const { t } = useLingui()
  const { data: keys } = useQuery(keysQuery)
  if (!keys) return null
  return (
    <select
      aria-label={t`Key`}
      className={css.keyChoice}
      value={value ?? ''}
      onChange={(event) => onPick(event.target.value)}
    >
      <option value="">{t`All keys`}</option>
      {keys.map((one) => (
        <option key={one.id} value={one.id}>
          {one.name || `${one.hint}…`}
        </option>
      ))}
    </select>
  )
}

function RequestTable({ requests }: { requests: readonly LoggedRequest[] | undefined }) {
  const { t } = useLingui()
  return (
    <div className="scrolls">
      <table className="table" aria-busy={requests === undefined}>
        <caption className="hidden">{t`Requests, newest first`}</caption>
        <thead>
          <tr>
            <th scope="col">{t`Answer`}</th>
            <th scope="col">{t`Request`}</th>
            <th scope="col" className="end wide">{t`Took`}</th>
            <th scope="col" className="wide">{t`From`}</th>
            <th scope="col" className="wide">{t`Request ID`}</th>
            <th scope="col" className="end">{t`When`}</th>
          </tr>
        </thead>
        <tbody>
          {requests?.map((one) => <RequestRow key={one.id} request={one} />) ?? (
            <BoneRows rows={8} columns={6} />
          )}
        </tbody>
      </table>
    </div>
  )
}

const toneOf = (status: number) => (status < 400 ? 'ok' : status < 500 ? 'wait' : 'bad')

function RequestRow({ request }: { request: LoggedRequest }) {
  const { t } = useLingui()
  const now = useNow()
  return (
    <tr>
      <td>
        <span className={`tag ${toneOf(request.status)}`}>
          <span className="num">{request.status}</span>
        </span>
      </td>
      <td className={css.asked} title={request.path}>
        <span className="mono small ltr">
          <span className="faint">{request.method}</span> {request.path}
        </span>
      </td>
      <td className="end num wide">{t`${request.duration_ms} ms`}</td>
      <td className="wide mono small ltr">{request.address ?? '–'}</td>
      <td className="wide">
        <span className="row tight">
          <span className="mono small ltr">{request.request_id.slice(0, 8)}…</span>
          <CopyIcon text={request.request_id} label={t`Copy the request’s ID`} />
        </span>
      </td>
      <td className="end nowrap faint small" title={dateTime(request.created_at)}>
        {ago(request.created_at, now)}
      </td>
    </tr>
  )
}
