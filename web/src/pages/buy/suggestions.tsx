// Before anything is typed: what was bought lately, and every service by its name.
import { useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { latestOrdersQuery, servicesQuery } from '../../api/queries.ts'
import { markOf, useNames } from '../../parts/names.ts'
import { Bone, Panel } from '../../parts/page.tsx'
import { money } from '../../texts.ts'
import css from './buy.module.css'
import type { Kind } from './kind.ts'

const maxLately = 4
const maxRead = 20
const bones = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

export function Suggestions({ kind }: { kind: Kind }) {
  const { t } = useLingui()
  const names = useNames()
  const { data: orders = [] } = useQuery(latestOrdersQuery({}, maxRead))
  const { data: services } = useQuery(servicesQuery)
  const numbers = orders.filter((one) => one.kind === kind && one.service && one.country)
  const lately = [...new Map(numbers.map((one) => [`${one.service} ${one.country}`, one])).values()]
  const searchFor = (q: string) => ({ q, ...(kind === 'activation' ? {} : { kind }) })
  return (
    <>
      {lately.length > 0 && (
        <section aria-label={t`Bought lately`} className="stack">
          <h2>{t`Bought lately`}</h2>
          <div className={css.lately}>
            {lately.slice(0, maxLately).map((order) => {
              const [service, country] = [
                names.service(order.service),
                names.country(order.country),
              ]
              return (
                <Link
                  key={order.id}
                  to="/buy"
                  search={searchFor(`${service} ${order.country ?? ''}`)}
                  className={`panel ${css.card}`}
                >
                  <span className="mark">{markOf(service)}</span>
                  <span className="clip">
                    {service}
                    <br />
                    <span className="faint small">
                      {country} · {money(order.price, order.currency)}
                    </span>
                  </span>
                </Link>
              )
            })}
          </div>
        </section>
      )}
      <Panel title={t`Services`}>
        <div className={css.services}>
          {services?.map(({ slug, name }) => (
            <Link key={slug} to="/buy" search={searchFor(name)}>
              <span className="mark">{markOf(name)}</span>
              <span className="clip">{name}</span>
            </Link>
          )) ??
            bones.map((one) => (
              <span key={one}>
                <Bone width={24} height={24} />
                <Bone width={90} />
              </span>
            ))}
        </div>
      </Panel>
    </>
  )
}
