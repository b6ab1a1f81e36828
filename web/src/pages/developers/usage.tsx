// Usage: orders, codes and spending by day as plots, and by service, country or key as a table.
import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense } from 'react'
import { FailureNote } from '../../parts/failure-note.tsx'
import { Bone, Empty, Panel, useTitle } from '../../parts/page.tsx'
import { count, money } from '../../texts.ts'
import { Switch } from './code-block.tsx'
import css from './developers.module.css'
import { type Grouping, type Usage, usageQuery } from './queries.ts'
import { UsageTable } from './usage-table.tsx'

const Plot = lazy(async () => ({ default: (await import('./plot.tsx')).Plot }))

const periods = ['7', '30', '90'] as const
const groupings = ['service', 'country', 'key', 'day'] as const satisfies readonly Grouping[]
const dayMs = 86_400_000

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)

export function UsagePage() {
  const { t } = useLingui()
  const search = useSearch({ from: '/inside/developers/usage' })
  const navigate = useNavigate()
  useTitle(t`Usage`)
  const days = periods.find((one) => one === search.days) ?? '30'
  const by = groupings.find((one) => one === search.by) ?? 'service'
  const now = Date.now()
  const [from, to] = [dayOf(now - (Number(days) - 1) * dayMs), dayOf(now)]
  const daily = useQuery(usageQuery(from, to, 'day'))
  const grouped = useQuery(usageQuery(from, to, by))
  const change = (next: { days?: string; by?: string }) =>
    void navigate({ to: '/developers/usage', search: { ...search, ...next }, replace: true })
  return (
    <>
      <div className="row between wrap">
        <Switch
          label={t`Period`}
          value={days}
          options={periods.map((one) => [one, t`${one} days`])}
          onPick={(next) => change({ days: next })}
        />
        <span className="faint small">
          <Trans>Days are UTC days.</Trans>
        </span>
      </div>
      <FailureNote error={daily.error ?? grouped.error} />
      {(daily.data || !daily.error) && <Figures usage={daily.data} />}
      {isNothing(daily.data) ? (
        <section className="panel">
          <Empty title={t`Nothing was bought in this time`}>
            {t`Orders, codes and spending are drawn here, a day each.`}
          </Empty>
        </section>
      ) : (
        (daily.data || !daily.error) && (
          <>
            <Plots usage={daily.data} />
            <Grouped
              usage={grouped.isPlaceholderData ? undefined : grouped.data}
              by={by}
              onPick={(next) => change({ by: next })}
            />
          </>
        )
      )}
    </>
  )
}

const isNothing = (usage: Usage | undefined) =>
  usage?.total.orders === 0 && /^0(?:\.0*)?$/.test(usage.total.spent)

type GroupedProps = {
  readonly usage: Usage | undefined
  readonly by: Grouping
  readonly onPick: (by: Grouping) => void
}

function Grouped({ usage, by, onPick }: GroupedProps) {
  const { t } = useLingui()
  return (
    <Panel
      title={t`Where it went`}
      aside={
        <Switch
          label={t`By`}
          value={by}
          options={[
            ['service', t`Service`],
            ['country', t`Country`],
            ['key', t`Key`],
            ['day', t`Day`],
          ]}
          onPick={onPick}
        />
      }
    >
      <UsageTable usage={usage} by={by} />
    </Panel>
  )
}

function Figures({ usage }: { usage: Usage | undefined }) {
  const { t } = useLingui()
  const total = usage?.total
  const rate = total?.success_rate
  return (
    <div className={css.figures}>
      <Figure label={t`Spent`} value={usage && money(usage.total.spent, usage.currency)} />
      <Figure label={t`Orders`} value={total && count(total.orders)} />
      <Figure label={t`With a code`} value={total && count(total.with_code)} />
      <Figure
        label={t`Success`}
        value={total && (rate === null || rate === undefined ? '–' : t`${rate} %`)}
      />
    </div>
  )
}

function Figure({ label, value }: { label: string; value: string | undefined }) {
  return (
    <div className={`panel ${css.figure}`}>
      <div className="mute small">{label}</div>
      <div className={`${css.value} num ltr`}>{value ?? <Bone width={80} height={25} />}</div>
    </div>
  )
}

function Plots({ usage }: { usage: Usage | undefined }) {
  const { t } = useLingui()
  const days = usage?.data.map(({ day }) => day ?? '') ?? []
  const valuesOf = (pick: (entry: Usage['data'][number]) => number) => usage?.data.map(pick) ?? []
  const currency = usage?.currency ?? 'USD'
  return (
    <div className={css.plots}>
      <Panel title={t`Spending a day`}>
        <Drawn isReady={usage !== undefined}>
          <Plot
            label={t`Spending a day; the table below has the same by day.`}
            days={days}
            dayLabel={t`Day`}
            lines={[
              {
                label: t`Spent`,
                token: '--accent',
                // Drawn only: sums are made by the server.
                values: valuesOf(({ spent }) => Number(spent)),
                isBar: true,
              },
            ]}
            write={(value) => money(shortDecimal(value), currency)}
          />
        </Drawn>
      </Panel>
      <Panel title={t`Orders and codes a day`}>
        <Drawn isReady={usage !== undefined}>
          <Plot
            label={t`Orders and codes a day; the table below has the same by day.`}
            days={days}
            dayLabel={t`Day`}
            lines={[
              { label: t`Orders`, token: '--ink-3', values: valuesOf(({ orders }) => orders) },
              {
                label: t`With a code`,
                token: '--ok',
                values: valuesOf((entry) => entry.with_code),
              },
            ]}
            write={(value) => count(Math.round(value * 10) / 10)}
          />
        </Drawn>
      </Panel>
    </div>
  )
}

/** A number of the axis as a decimal; what is large needs no cents. */
const shortDecimal = (value: number) =>
  Math.abs(value) < 100 ? value.toFixed(2) : Math.round(value).toFixed(0)

function Drawn({ isReady, children }: { isReady: boolean; children: ReactNode }) {
  const bone = (
    <div className={css.plot}>
      <Bone height={200} />
    </div>
  )
  return (
    <div className="pad">{isReady ? <Suspense fallback={bone}>{children}</Suspense> : bone}</div>
  )
}
