// `numlet numbers stats`: how often codes came.
import { type Command, Option } from 'commander'
import { readCatalog } from '../core/catalog/catalog.ts'
import { getSupplier } from '../core/inventory/suppliers.ts'
import { type Grouping, groupings, type Results, readResults } from '../core/upkeep/statistics.ts'
import * as read from './arguments.ts'
import { Refusal } from './failure.ts'
import { printList, type Shown, verb } from './output.ts'
import { withSession } from './session.ts'

const maxDays = 366

export function addStats(noun: Command): void {
  verb(noun, 'stats', 'Show how often codes came, with sample sizes; the worst first')
    .addOption(
      new Option('--by <what>', `What to group by: ${groupings.join(', ')}`)
        .choices(groupings)
        .default('supplier'),
    )
    .option('--days <n>', 'Orders that ended within so many days', days, 30)
    .option('--supplier <name>', 'Only numbers of this supplier')
    .option('--service <slug>', 'Only orders for this service')
    .option('--limit <count>', 'Number of lines to show', read.limit, 100)
    .action(stats)
}

function days(text: string): number {
  const value = read.row(text)
  if (value > maxDays) throw read.unfit(`It must be at most ${maxDays}.`)
  return value
}

type Stats = Shown & {
  by: Grouping
  days: number
  supplier?: string
  service?: string
  limit: number
}

function stats(wanted: Stats) {
  return withSession(
    async ({ db, now }) => {
      const { by, days, limit, supplier = null, service = null } = wanted
      if (supplier !== null) await getSupplier(db, supplier)
      if (service !== null && !(await readCatalog(db)).service(service))
        throw new Refusal(`There is no service ${service}.`)
      const results = await readResults(db, now(), { by, days, limit, supplier, service })
      printList(
        wanted,
        results.map((one) => shown(by, one)),
      )
    },
    { patient: true },
  )
}

const shown = (by: Grouping, one: Results) => ({
  [by]: one.name,
  orders: one.orders,
  with_message: one.withMessage,
  with_code: one.withCode,
  percent: one.percent,
  low_percent: one.lowPercent,
  high_percent: one.highPercent,
  median_s: one.medianS,
  last_order_at: one.lastOrderAt,
})
