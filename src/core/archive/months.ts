// The months of orders that are in the database: partitions, by the calendar month in which they begin.
import type { Queryable } from '../../db/database.ts'
import { monthsOfOrders, type UsedPartition } from '../months/months.ts'
import type { Month, Span } from './month.ts'

/** The complete months, oldest first. Ids are drawn in the order of time, so each is a span of ids. */
export async function liveMonths(db: Queryable): Promise<Month[]> {
  const groups = Map.groupBy(await monthsOfOrders(db), ({ since }) => nameOf(since))
  const months: Month[] = []
  let strayFrom = 0n
  for (const [name, partitions] of groups) {
    const last = partitions.at(-1) as UsedPartition
    if (partitions.some(({ isCurrent }) => isCurrent)) break
    const endedAt = endOf(name, last.until)
    const strayTo = await firstStray(db, endedAt)
    months.push({
      name,
      orders: spanOf(partitions),
      messages: { from: strayFrom, to: strayTo > strayFrom ? strayTo : strayFrom },
      endedAt,
    })
    strayFrom = strayTo
  }
  return months
}

const nameOf = (at: Date) => at.toISOString().slice(0, 7)

/** Ids begin above 0: no first id means zero here. */
function spanOf(partitions: readonly UsedPartition[]): Span {
  const [first, last] = [partitions[0], partitions.at(-1)]
  if (!first || !last || last.upto === null) throw new Error('a month that is over has no end')
  return { from: first.from ?? 0n, to: last.upto }
}

/** The end of the calendar month, or that of a partition that goes on longer. */
function endOf(name: string, until: Date): Date {
  const [year = 0, month = 0] = name.split('-').map(Number)
  const end = new Date(Date.UTC(year, month))
  return until > end ? until : end
}

/** The first message that reached nobody from a time on; the next one of all, if there is none. */
async function firstStray(db: Queryable, from: Date): Promise<bigint> {
  const [row] = await db.query<{ id: bigint }>(
    `select coalesce(
       (select id from messages where state <> 'delivered' and state <> 'claimed' and received_at >= $1
         order by id limit 1),
       (select max(id) + 1 from messages), 0) as id`,
    [from],
  )
  return row?.id ?? 0n
}
