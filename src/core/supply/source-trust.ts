// How far the stock that suppliers show is believed, source by source.
import type { Queryable, Tx } from '../../db/database.ts'
import type { Amount } from '../money.ts'
import { restock } from './sources.ts'

/** Sources of a supplier; null: of all services, or countries. */
export type SourcePlace = {
  readonly supplierId: number
  readonly serviceId: number | null
  readonly country: string | null
}

/** A product of a supplier that serves an offer. */
export type SourceRow = {
  readonly service: string
  readonly country: string
  readonly operator: string
  readonly pool: string
  /** Of a rental; 0: an activation. */
  readonly durationS: number
  /** How the supplier names it. */
  readonly product: string
  readonly cost: Amount
  readonly currency: string
  /** What the supplier showed. */
  readonly stock: number
  readonly seenAt: Date
  /** The percentage of it that is shown. */
  readonly trust: number
  /** How often in a row it was empty although it showed some. */
  readonly emptyStreak: number
  /** It is not asked until then. */
  readonly hiddenUntil: Date | null
  readonly state: 'on' | 'off'
}

const inPlace = `s.supplier_id = $1 and ($2::int is null or o.service_id = $2)
        and ($3::text is null or o.country = $3)`

/** Lists sources, by service, country and operator. */
export function listSources(
  db: Queryable,
  { supplierId, serviceId, country }: SourcePlace,
  limit: number,
): Promise<SourceRow[]> {
  return db.query<SourceRow>(
    `select v.slug as service, o.country, op.slug as operator, o.pool,
            extract(epoch from o.duration)::int as "durationS", s.product, s.cost, p.currency,
            s.stock_seen as stock, s.seen_at as "seenAt", s.trust, s.empty_streak as "emptyStreak",
            s.hidden_until as "hiddenUntil", s.state
       from sources s
       join suppliers p on p.id = s.supplier_id
       join offers o on o.id = s.offer_id
       join services v on v.id = o.service_id
       join operators op on op.id = o.operator_id
      where ${inPlace} order by v.slug, o.country, op.slug, o.duration, s.id limit $4`,
    [supplierId, serviceId, country, limit],
  )
}

/** What sources had before: how many they are, and the lowest and highest percentage. */
export type TrustBefore = {
  readonly sources: number
  readonly least: number
  readonly most: number
}

/** Sets the percentage of their stock that sources show, at once. Safe to repeat.
 * @returns undefined if there is no such source */
export async function putTrust(
  tx: Tx,
  now: Date,
  { supplierId, serviceId, country }: SourcePlace,
  trust: number,
): Promise<TrustBefore | undefined> {
  // Answers of suppliers lock a source, and then its stock.
  const rows = await tx.query<{ id: number; offer: number; trust: number }>(
    `select s.id, s.offer_id as offer, s.trust from sources s join offers o on o.id = s.offer_id
      where ${inPlace} order by s.id for no key update of s`,
    [supplierId, serviceId, country],
  )
  if (rows.length === 0) return undefined
  const changed = rows.filter((one) => one.trust !== trust)
  await tx.query('update sources set trust = $2 where id = any($1)', [
    changed.map(({ id }) => id),
    trust,
  ])
  await restock(tx, now, [...new Set(changed.map(({ offer }) => offer))])
  const before = rows.map((one) => one.trust).sort((a, b) => a - b)
  return { sources: rows.length, least: before[0] as number, most: before.at(-1) as number }
}
