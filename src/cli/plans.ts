// `numlet plans`: the data plans that eSIMs are sold by.
import type { Command } from 'commander'
import { logged } from '../core/audit/log.ts'
import { readCatalog } from '../core/catalog/catalog.ts'
import { baseCurrency } from '../core/catalog/rates.ts'
import { addPlan, changePlan, listPlans } from '../core/esims/plans.ts'
import { type Amount, formatAmount } from '../core/money.ts'
import { actor } from './actor.ts'
import * as read from './arguments.ts'
import { Refusal } from './failure.ts'
import { printList, printThing, type Shown, verb } from './output.ts'
import { withSession } from './session.ts'

export function addPlans(noun: Command): void {
  verb(noun, 'list', 'every plan, with how many are left and sold').action(list)
  verb(noun, 'add', 'make a plan; its codes come by esims import')
    .requiredOption('--name <name>', 'by which it is bought, in any case')
    .requiredOption('--gb <amount>', 'how much data, such as 5 or 0.5', read.gigabytes)
    .requiredOption('--days <count>', 'how long it serves once it is used', read.count)
    .requiredOption('--price <usd>', 'in US dollars', read.amount)
    .option('--country <code>', 'where it serves; without it, not in one country', read.countryCode)
    .action(add)
  verb(noun, 'price', 'change what a plan costs from now on')
    .argument('<name>', 'the plan')
    .argument('<usd>', 'in US dollars', read.amount)
    .action((name: string, price: Amount, shown: Shown) =>
      change(shown, name, { price }, { price: formatAmount(price, baseDecimals) }),
    )
  verb(noun, 'disable', 'take a plan out of sale; what was sold stays sold')
    .argument('<name>', 'the plan')
    .action((name: string, shown: Shown) => change(shown, name, { active: false }))
  verb(noun, 'enable', 'put a plan back on sale')
    .argument('<name>', 'the plan')
    .action((name: string, shown: Shown) => change(shown, name, { active: true }))
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

type NewPlan = Shown & { name: string; gb: number; days: number; price: Amount; country?: string }

function add(wanted: NewPlan) {
  return withSession(async ({ db }) => {
    const country = wanted.country ?? null
    if (country !== null && !(await readCatalog(db)).country(country))
      throw new Refusal(`There is no country ${country}.`)
    const shown = {
      plan: wanted.name,
      country,
      data_gb: wanted.gb,
      validity_days: wanted.days,
      price: formatAmount(wanted.price, baseDecimals),
      currency: baseCurrency,
    }
    const { offerId } = await logged(
      db,
      (one) =>
        one.begin((tx) =>
          addPlan(tx, {
            name: wanted.name,
            country,
            dataGb: wanted.gb,
            validityDays: wanted.days,
            price: wanted.price,
          }),
        ),
      () => ({ actor, action: 'plan.add', detail: shown }),
    )
    printThing(wanted, { ...shown, offer_id: offerId })
  })
}

function change(
  shown: Shown,
  plan: string,
  change: { readonly price?: Amount; readonly active?: boolean },
  detail: Readonly<Record<string, unknown>> = { active: change.active },
) {
  return withSession(async ({ db }) => {
    await logged(
      db,
      (tx) => changePlan(tx, plan, change),
      () => ({ actor, action: 'plan.change', detail: { plan, ...detail } }),
    )
    printThing(shown, { plan, ...detail })
  })
}
