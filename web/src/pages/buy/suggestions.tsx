// Before anything is typed: what was bought lately, and every service by its name.
import { useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { servicesQuery } from '../../api/queries.ts'
import { markOf, useNames } from '../../parts/names.ts'
import { Bone, Panel } from '../../parts/page.tsx'
import css from './buy.module.css'
import type { Kind } from './kind.ts'
import { lastUsedQuery, pinsQuery } from './pin.tsx'

const maxShown = 8
const bones = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

export function Suggestions({ kind }: { kind: Kind }) {
  const { t } = useLingui()
  const { data: pins } = useQuery(pinsQuery)
  const { data: used } = useQuery(lastUsedQuery)
  const { data: services } = useQuery(servicesQuery)
  const named = services?.toSorted((a, b) => a.name.localeCompare(b.name))
  const searchFor = (q: string) => ({ q, ...(kind === 'activation' ? {} : { kind }) })
  return (
    <>
      <Products title={t`Pinned`} products={pins} searchFor={searchFor} />
      <Products title={t`Bought lately`} products={used} searchFor={searchFor} />
      <Panel title={t`Services`}>
        <div className={css.services}>
          {named?.map(({ slug, name }) => (
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

type ProductsProps = {
  readonly title: string
  readonly products: readonly { service: string; country: string }[] | undefined
  readonly searchFor: (q: string) => { q: string; kind?: string }
}

/** Services in countries, each once, as cards that search for it. */
function Products({ title, products = [], searchFor }: ProductsProps) {
  const names = useNames()
  const each = [...new Map(products.map((one) => [`${one.service} ${one.country}`, one])).entries()]
  if (each.length === 0) return null
  return (
    <section aria-label={title} className="stack">
      <h2>{title}</h2>
      <div className={css.lately}>
        {each.slice(0, maxShown).map(([key, { service, country }]) => (
          <Link
            key={key}
            to="/buy"
            search={searchFor(`${names.service(service)} ${country}`)}
            className={`panel ${css.card}`}
          >
            <span className="mark">{markOf(names.service(service))}</span>
            <span className={css.two}>
              <span className="clip">{names.service(service)}</span>
              <span className="faint small clip">{names.country(country)}</span>
            </span>
          </Link>
        ))}
      </div>
    </section>
  )
}
