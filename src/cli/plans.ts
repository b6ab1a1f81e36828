// `numlet plans`: data plans of eSIMs.
import type { Command } from 'commander'
import { baseCurrency } from '../core/catalog/rates.ts'
import { listPlans } from '../core/esims/plans.ts'
import { type Amount, formatAmount } from '../core/money.ts'
import { addDataPlan, changeDataPlan } from '../core/operating/esims.ts'
import * as read from './arguments.ts'
import { act, printList, printThing, type Reasoned, type Shown, verb } from './output.ts'
import { withSession } from './session.ts'

export function addPlans(noun: Command): void {
  verb(noun, 'list', 'List all plans with their stock and sales').action(list)
  act(noun, 'add', 'Add a plan; import its codes with esims import')
    .requiredOption('--name <name>', 'Name of the plan; case does not matter')
    .requiredOption('--gb <amount>', 'Data volume in gigabytes, such as 5 or 0.5', read.gigabytes)
    .requiredOption('--days <count>', 'Days of validity after the first use', read.count)
    .requiredOption('--price <usd>', 'Price in US dollars', read.amount)
    .option('--country <code>', 'Country where it works (default: several)', read.countryCode)
    .action(add)
  act(noun, 'price', 'Change the price of a plan')
    .argument('<name>', 'Name of the plan')
    .argument('<usd>', 'New price in US dollars', read.amount)
    .action((name: string, price: Amount, wanted: Reasoned) =>
      change(wanted, name, { price }, { price: formatAmount(price, baseDecimals) }),
    )
  act(noun, 'disable', 'Stop selling a plan; sold eSIMs are not affected')
    .argument('<name>', 'Name of the plan')
    .action((name: string, wanted: Reasoned) => change(wanted, name, { active: false }))
  act(noun, 'enable', 'Sell a plan again')
    .argument('<name>', 'Name of the plan')
    .action((name: string, wanted: Reasoned) => change(wanted, name, { active: true }))
}

const baseDecimals = 2

function list(shown: Shown) {
  return withSession(async ({ db }) => {
    const plans = await listPlans(db, { currency: baseCurrency, unsold: true })
    printList(
      shown,
      plans.map((plan) => ({
        plan: plan.name,
        offer_id: plan.offerId,
        country: plan.country,
        data_gb: plan.dataGb,
        validity_days: plan.validityDays,
        price: formatAmount(plan.price, baseDecimals),
        currency: baseCurrency,
        stock: plan.stock,
        sold: plan.sold,
        state: plan.active ? 'active' : 'disabled',
      })),
    )
  })
}

type NewPlan = Reasoned & {
  name: string
  gb: number
  days: number
  price: Amount
  country?: string
}

function add(wanted: NewPlan) {
  return withSession(async ({ db, by }) => {
    const { name, gb: dataGb, days: validityDays, price, country = null } = wanted
    const plan = { name, country, dataGb, validityDays, price }
    const { offerId } = await addDataPlan(db, by(wanted.reason), plan)
    printThing(wanted, {
      plan: name,
      country,
      data_gb: dataGb,
      validity_days: validityDays,
      price: formatAmount(price, baseDecimals),
      currency: baseCurrency,
      offer_id: offerId,
    })
  })
}

function change(
  wanted: Reasoned,
  plan: string,
  change: { readonly price?: Amount; readonly active?: boolean },
  shown: Readonly<Record<string, unknown>> = { active: change.active },
) {
  return withSession(async ({ db, by }) => {
    await changeDataPlan(db, by(wanted.reason), plan, change)
    printThing(wanted, { plan, ...shown })
  })
}
