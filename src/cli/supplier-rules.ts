// `numlet suppliers rules`: when a supplier's numbers rest, are banned and go out of sale.
import type { Command } from 'commander'
import { getSupplier } from '../core/inventory/suppliers.ts'
import { ruleSupplier } from '../core/operating/suppliers.ts'
import { readSettings } from '../core/settings.ts'
import { readSupplierRules, rulesIn, type SupplierRules } from '../core/upkeep/rules.ts'
import * as read from './arguments.ts'
import { act, printThing, type Reasoned } from './output.ts'
import { withSession } from './session.ts'
import { whichSupplier } from './supplier-arguments.ts'

export function addRules(noun: Command): void {
  act(noun, 'rules', 'Show or set the rules for a supplier’s numbers; 0 turns a rule off')
    .argument('<name>', whichSupplier)
    .option(
      '--rest-after <orders|default>',
      'Orders in a row without a message before a rest',
      upTo(0, 1_000),
    )
    .option('--rest-hours <hours|default>', 'Hours of a rest', upTo(1, 8_760))
    .option('--ban-after <rests|default>', 'Rests in a row before a ban', upTo(0, 1_000))
    .option(
      '--silent-after <days|default>',
      'Days without any message before a number goes out of sale',
      upTo(0, 365),
    )
    .action(rules)
}

const upTo = (least: number, most: number) => (text: string) => {
  const value = read.countOrDefault(text)
  if (value !== 'default' && (value < least || value > most))
    throw read.unfit(`It must be ${least} to ${most}, or default.`)
  return value
}

type Rules = Reasoned & {
  restAfter?: read.OrDefault
  restHours?: read.OrDefault
  banAfter?: read.OrDefault
  silentAfter?: read.OrDefault
}

function rules(name: string, wanted: Rules) {
  return withSession(async ({ db, by }) => {
    const given = givenIn(wanted)
    const isRead = Object.keys(given).length === 0
    const own = isRead
      ? await readSupplierRules(db, (await getSupplier(db, name)).id)
      : await ruleSupplier(db, by(wanted.reason), name, given)
    const platform = rulesIn(await readSettings(db))
    printThing(wanted, {
      name,
      rest_after_orders: own.restAfterOrders ?? platform.restAfterOrders,
      rest_hours: own.restHours ?? platform.restHours,
      ban_after_rests: own.banAfterRests ?? platform.banAfterRests,
      silent_after_days: own.silentAfterDays ?? platform.silentAfterDays,
      own: Object.entries({
        rest_after_orders: own.restAfterOrders,
        rest_hours: own.restHours,
        ban_after_rests: own.banAfterRests,
        silent_after_days: own.silentAfterDays,
      }).flatMap(([rule, value]) => (value === null ? [] : [rule])),
    })
  })
}

/** The rules that were given; null: the platform's. */
function givenIn({ restAfter, restHours, banAfter, silentAfter }: Rules): Partial<SupplierRules> {
  const given = {
    restAfterOrders: restAfter,
    restHours,
    banAfterRests: banAfter,
    silentAfterDays: silentAfter,
  }
  return Object.fromEntries(
    Object.entries(given).flatMap(([rule, value]) =>
      value === undefined ? [] : [[rule, value === 'default' ? null : value]],
    ),
  )
}
