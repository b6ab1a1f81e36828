// `numlet numbers show`, `silent`, `banned` and `lift`: what became of numbers by their results.
import type { Command } from 'commander'
import { readCatalog } from '../core/catalog/catalog.ts'
import { getSupplier } from '../core/inventory/suppliers.ts'
import { liftBan } from '../core/operating/inventory.ts'
import { failingOf, listFailing } from '../core/upkeep/failing.ts'
import { getNumber } from '../core/upkeep/number-report.ts'
import { listSilent } from '../core/upkeep/silent.ts'
import * as read from './arguments.ts'
import { Refusal } from './failure.ts'
import {
  act,
  printList,
  printReport,
  printThing,
  type Reasoned,
  type Shown,
  verb,
} from './output.ts'
import { type Session, withSession } from './session.ts'

export function addUpkeep(noun: Command): void {
  verb(noun, 'show', 'Show one number: its batch, its results, and where it is banned')
    .argument('<phone>', 'Phone number in E.164 form (+ and digits)')
    .action(show)
  listing(noun, 'silent', 'List numbers out of sale because no message came, newest first').action(
    silent,
  )
  listing(noun, 'banned', 'List numbers that are banned from a service by their results')
    .option('--all', 'Also those that rest or have rested by their results')
    .action(banned)
  act(noun, 'lift', 'Lift the bans of a number; it is sold again within a minute')
    .argument('<phone>', 'Phone number in E.164 form (+ and digits)')
    .option('--service <slug>', 'Only the ban from this service')
    .action(lift)
}

type Listed = Shown & { supplier?: string; limit: number }

const listing = (noun: Command, usage: string, summary: string) =>
  verb(noun, usage, summary)
    .option('--supplier <name>', 'Only numbers of this supplier')
    .option('--limit <count>', 'Number of numbers to list', read.limit, 100)

function show(phone: string, shown: Shown) {
  return withSession(async ({ db }) => {
    const number = await getNumber(db, phone)
    printReport(shown, {
      phone,
      supplier: number.supplier,
      country: number.country,
      operator: number.operator,
      pool: number.pool,
      batch: number.batchId,
      state: number.state,
      disabled_by: number.disabledBy,
      disabled_at: number.disabledAt,
      orders: number.orders,
      with_message: number.withMessage,
      with_code: number.withCode,
      first_order_at: number.firstOrderAt,
      last_order_at: number.lastOrderAt,
      last_message_at: number.lastMessageAt,
      silent_orders: number.silentOrders,
      silent_since: number.silentSince,
      failing: (await failingOf(db, number.id)).map(({ service, ...one }) => ({
        service,
        silent_orders: one.silentOrders,
        rests: one.rests,
        last_order_at: one.lastOrderAt,
        banned_at: one.bannedAt,
      })),
    })
  })
}

/** @throws not_found */
async function supplierIn({ db }: Session, name: string | undefined): Promise<string | null> {
  return name === undefined ? null : (await getSupplier(db, name)).name
}

function silent(wanted: Listed) {
  return withSession(async (session) => {
    const supplier = await supplierIn(session, wanted.supplier)
    const numbers = await listSilent(session.db, { supplier, limit: wanted.limit })
    printList(
      wanted,
      numbers.map((one) => ({
        phone: one.phone,
        supplier: one.supplier,
        country: one.country,
        operator: one.operator,
        batch: one.batchId,
        orders: one.orders,
        silent_since: one.silentSince,
        last_message_at: one.lastMessageAt,
        disabled_at: one.disabledAt,
      })),
    )
  })
}

function banned(wanted: Listed & { all?: true }) {
  return withSession(async (session) => {
    const supplier = await supplierIn(session, wanted.supplier)
    const { limit, all = false } = wanted
    const numbers = await listFailing(session.db, { supplier, onlyBanned: !all, limit })
    printList(
      wanted,
      numbers.map((one) => ({
        phone: one.phone,
        supplier: one.supplier,
        service: one.service,
        silent_orders: one.silentOrders,
        rests: one.rests,
        last_order_at: one.lastOrderAt,
        banned_at: one.bannedAt,
      })),
    )
  })
}

function lift(phone: string, wanted: Reasoned & { service?: string }) {
  return withSession(async ({ db, by, now }) => {
    const service =
      wanted.service === undefined ? null : (await readCatalog(db)).service(wanted.service)
    if (service === undefined) throw new Refusal(`There is no service ${wanted.service}.`)
    const lifted = await liftBan(db, now(), by(wanted.reason), phone, service)
    printThing(wanted, { phone, lifted })
  })
}
