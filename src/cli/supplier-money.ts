// `numlet suppliers balance` and `differences`: the money at other platforms.
import type { Command } from 'commander'
import { getSupplier } from '../core/inventory/suppliers.ts'
import { type Amount, formatAmount } from '../core/money.ts'
import { settle } from '../core/operating/differences.ts'
import { topUpSupplier } from '../core/operating/supplier-money.ts'
import type { PublicIds } from '../core/public-id.ts'
import { type ListedDifference, listDifferences } from '../core/supply/differences.ts'
import { type Settlement, settlements } from '../core/supply/settlement.ts'
import { readBalance } from '../supply/upstream-readings.ts'
import * as read from './arguments.ts'
import { act, printReport, printThing, type Reasoned, type Shown, verb } from './output.ts'
import { withSession } from './session.ts'
import { whichSupplier } from './supplier-arguments.ts'
import { assertCurrency, platformNamed, refuse } from './supplier-upstream.ts'

export function addMoney(noun: Command): void {
  verb(noun, 'balance', 'Ask another platform for the balance of our account there')
    .argument('<name>', whichSupplier)
    .action(balance)
  act(noun, 'topup', 'Book what was paid to another platform, once for each reference')
    .argument('<name>', whichSupplier)
    .argument('<amount>', 'Amount, in the currency of the account there', read.amount)
    .requiredOption('--reference <text>', 'What it is for; a reference counts only once')
    .action(topUp)
  act(
    noun,
    'differences',
    'List where a supplier says something else than was booked, or settle it',
  )
    .argument('[name]', 'Name of the supplier; without it, those of all suppliers')
    .option('--all', 'Also those that were settled')
    .option('--limit <count>', 'Number of differences to list, newest first', read.limit, 100)
    .option('--settle <difference>', 'Settle this one: its number in the list', read.row)
    .option('--as <outcome>', `What became of the money: ${settlements.join(', ')}`, outcome)
    .action(differences)
}

function balance(name: string, shown: Shown) {
  return withSession(async (session) => {
    const platform = await platformNamed(session, name)
    const reading = await readBalance(platform.upstream, platform.settings)
    if (reading.kind !== 'balance') refuse('the balance', reading)
    assertCurrency(platform, reading.currency)
    printThing(shown, {
      name,
      balance: formatAmount(reading.amount, reading.decimals),
      currency: platform.currency,
    })
  })
}

function topUp(name: string, amount: Amount, wanted: Reasoned & { reference: string }) {
  return withSession(async (session) => {
    const { db, now, by } = session
    const { currency } = await platformNamed(session, name)
    const { reason, reference } = wanted
    const topping = { supplier: name, currency, amount, reference }
    const { toppedUp } = await topUpSupplier(db, now(), by(reason), topping)
    printThing(wanted, { name, topped_up: toppedUp, amount: formatAmount(amount, 2), currency })
  })
}

function outcome(text: string): Settlement {
  const found = settlements.find((one) => one === text)
  if (!found) throw read.unfit(`It must be one of ${settlements.join(', ')}.`)
  return found
}

type Wanted = Reasoned & { all?: true; limit: number; settle?: number; as?: Settlement }

async function differences(name: string | undefined, wanted: Wanted, command: Command) {
  const { settle: id, as } = wanted
  if ((id === undefined) !== (as === undefined))
    command.error('error: give --settle together with --as', { exitCode: 2 })
  if (id === undefined || as === undefined) return list(name, wanted)
  const { reason } = wanted
  if (name === undefined || reason === undefined)
    return command.error('error: --settle needs the name of the supplier and a --reason', {
      exitCode: 2,
    })
  await withSession(async ({ db, now, by, ids }) => {
    const settling = { supplier: name, id: BigInt(id), as }
    const settled = await settle(db, now(), by(reason), settling)
    printThing(wanted, shownDifference(ids, settled))
  })
}

function list(name: string | undefined, wanted: Wanted) {
  return withSession(async ({ db, ids }) => {
    const supplierId = name === undefined ? null : (await getSupplier(db, name)).id
    const { limit, all } = wanted
    const found = await listDifferences(db, { supplierId, onlyOpen: !all, limit })
    printReport(wanted, { differences: found.map((one) => shownDifference(ids, one)) })
  })
}

const shownDifference = (ids: PublicIds, one: ListedDifference) => ({
  id: one.id,
  supplier: one.supplier,
  kind: one.kind,
  order: one.orderId === null ? null : ids.toToken('ord', one.orderId),
  expected: formatAmount(one.expected, 2),
  found: formatAmount(one.found, 2),
  currency: one.currency,
  first_seen: one.firstSeen,
  last_seen: one.lastSeen,
  times: one.times,
  state: one.state,
  settled_at: one.settledAt,
  settled_by: one.settledBy,
  reason: one.reason,
  transfer: one.transferId,
})
