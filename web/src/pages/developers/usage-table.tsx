// The table of usage: what was bought and paid, by service, country, key or day.
import { useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useNames } from '../../parts/names.ts'
import { BoneRows, Empty } from '../../parts/page.tsx'
import { count, money } from '../../texts.ts'
import { useIsOwner } from './developers.tsx'
import { type Grouping, keysQuery, type Usage, type UsageEntry } from './queries.ts'

type Props = { readonly usage: Usage | undefined; readonly by: Grouping }

export function UsageTable({ usage, by }: Props) {
  const { t } = useLingui()
  const nameOf = useEntryNames(by)
  const heads: Record<Grouping, string> = {
    service: t`Service`,
    country: t`Country`,
    key: t`Key`,
    day: t`Day`,
  }
  const sorted = by === 'day' ? usage?.data.toReversed() : usage?.data
  if (sorted?.length === 0) return <Empty title={t`Nothing was bought in this time`} />
  return (
    <div className="scrolls">
      <table className="table" aria-busy={usage === undefined}>
        <caption className="hidden">{t`Usage by ${heads[by]}`}</caption>
        <thead>
          <tr>
            <th scope="col">{heads[by]}</th>
            <th scope="col" className="end">{t`Orders`}</th>
            <th scope="col" className="end wide">{t`With a code`}</th>
            <th scope="col" className="end wide">{t`Success`}</th>
            <th scope="col" className="end">{t`Spent`}</th>
          </tr>
        </thead>
        <tbody>
          {sorted?.map((entry) => (
            <tr key={entry[fieldOf[by]] ?? 'none'}>
              <td className="clip">{nameOf(entry)}</td>
              <td className="end num">{count(entry.orders)}</td>
              <td className="end num wide">{count(entry.with_code)}</td>
              <td className="end num wide">
                {entry.success_rate === null ? '–' : t`${entry.success_rate} %`}
              </td>
              <td className="end num ltr">{money(entry.spent, usage?.currency ?? 'USD')}</td>
            </tr>
          )) ?? <BoneRows rows={6} columns={5} />}
        </tbody>
      </table>
    </div>
  )
}

const fieldOf = {
  day: 'day',
  key: 'key_id',
  service: 'service',
  country: 'country',
} as const satisfies Record<Grouping, keyof UsageEntry>

function useEntryNames(by: Grouping) {
  const { t } = useLingui()
  const names = useNames()
  const isOwner = useIsOwner()
  // Members may not see keys: their ids stand for them.
  const { data: keys } = useQuery({ ...keysQuery, enabled: by === 'key' && isOwner })
  return (entry: UsageEntry): string => {
    if (by === 'day') return entry.day ?? ''
    if (by === 'service')
      return entry.service === null ? t`eSIMs and other inboxes` : names.service(entry.service)
    if (by === 'country')
      return entry.country === null ? t`no country` : names.country(entry.country)
    if (entry.key_id === null) return t`these pages`
    const key = keys?.find(({ id }) => id === entry.key_id)
    return key ? key.name || `${key.hint}…` : entry.key_id
  }
}
