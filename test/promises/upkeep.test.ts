// Numbers are judged by their results: they rest, are banned, go silent and come back. The stock stays right.
import { describe, expect, it } from 'vitest'
import { returnRestedNumbers } from '../../src/core/inventory/inventory.ts'
import { setNumberState, setSale } from '../../src/core/inventory/sale.ts'
import { liftBan } from '../../src/core/operating/inventory.ts'
import { ruleSupplier } from '../../src/core/operating/suppliers.ts'
import { listFailing, restFailing } from '../../src/core/upkeep/failing.ts'
import { getNumber } from '../../src/core/upkeep/number-report.ts'
import type { UpkeepRules } from '../../src/core/upkeep/rules.ts'
import { listSilent, noteMessages, takeSilent } from '../../src/core/upkeep/silent.ts'
import { cancelOrder, endOverdueOrders } from '../harness/ending.ts'
import { expectCleanAudit, lots, outcomeOf, services } from './market.ts'
import { by, dayMs, hourMs, minuteMs, openUpkeep } from './upkeep-ground.ts'

const rules: UpkeepRules = {
  restAfterOrders: 2,
  restHours: 72,
  banAfterRests: 1,
  silentAfterDays: 14,
}

describe('numbers', async () => {
  const ground = await openUpkeep()
  const { db, apps, buyers, now, later, shelf, buy, tryToBuy, send } = ground
  const { count, waitInVain, note, stockOf, weeksLater } = ground

  it('rest from a service after orders in vain, are banned from it, and return when lifted', async () => {
    const place = await shelf(1)
    const [phone] = place.phones as [string]
    await waitInVain(place, now)
    expect(await restFailing(db, later(hourMs), rules)).toEqual({ rested: 0, banned: 0 })
    await waitInVain(place, later(2 * hourMs))
    expect(await stockOf(place)).toBe(1)

    expect(await restFailing(db, later(3 * hourMs), rules)).toEqual({ rested: 1, banned: 0 })
    expect(await stockOf(place)).toBe(0)
    await expectCleanAudit(db)
    await returnRestedNumbers(db, later(75 * hourMs - 1))
    expect(await stockOf(place)).toBe(0)
    await returnRestedNumbers(db, later(75 * hourMs))
    expect(await stockOf(place)).toBe(1)

    // A message ends the row of failures.
    const heard = await buy(place, later(76 * hourMs))
    await send(place, phone, later(76 * hourMs + minuteMs))
    await endOverdueOrders(db, later(77 * hourMs))
    await count()
    await returnRestedNumbers(db, later(77 * hourMs))
    expect(heard.phone).toBe(phone)
    expect(await listFailing(db, { supplier: place.name, onlyBanned: false, limit: 9 })).toEqual([])

    for (const hours of [80, 82, 160, 162]) {
      await waitInVain(place, later(hours * hourMs))
      await restFailing(db, later((hours + 1) * hourMs), rules)
      await returnRestedNumbers(db, later((hours + 74) * hourMs))
    }
    const end = later(400 * hourMs)
    expect(
      await listFailing(db, { supplier: place.name, onlyBanned: true, limit: 9 }),
    ).toMatchObject([{ phone, service: 'telegram', rests: 1, bannedAt: later(163 * hourMs) }])
    await returnRestedNumbers(db, end)
    expect(await tryToBuy(apps[0], place, end, 'telegram')).toBe('out_of_stock')
    // Only from this service.
    expect(await stockOf(place, 'whatsapp')).toBe(1)
    await expectCleanAudit(db)

    const other = { id: services.whatsapp, slug: 'whatsapp' }
    expect(await liftBan(db, end, by, phone, other)).toBe(0)
    expect(await liftBan(db, end, by, phone, null)).toBe(1)
    expect(await liftBan(db, end, by, phone, null)).toBe(0)
    await returnRestedNumbers(db, end)
    expect((await buy(place, end)).phone).toBe(phone)
    await expectCleanAudit(db)
  })

  it('do not rest because of one customer alone, however often that one waits in vain', async () => {
    const place = await shelf(1)
    for (const hours of [0, 2, 4, 6]) await waitInVain(place, later(hours * hourMs), 'telegram', 1)
    expect(await restFailing(db, later(7 * hourMs), rules)).toEqual({ rested: 0, banned: 0 })
    await waitInVain(place, later(8 * hourMs), 'telegram', 2)
    expect(await restFailing(db, later(9 * hourMs), rules)).toEqual({ rested: 1, banned: 0 })
    await expectCleanAudit(db)
    // Those of before the rest count no more.
    await returnRestedNumbers(db, later(90 * hourMs))
    await waitInVain(place, later(91 * hourMs), 'telegram', 3)
    expect(await restFailing(db, later(92 * hourMs), rules)).toEqual({ rested: 0, banned: 0 })
  })

  it('are left alone while they are let, and where a supplier has turned the rules off', async () => {
    const place = await shelf(1)
    for (const hours of [0, 2]) await waitInVain(place, later(hours * hourMs))
    const order = await buy(place, later(3 * hourMs))
    expect(await restFailing(db, later(3 * hourMs), rules)).toEqual({ rested: 0, banned: 0 })
    await cancelOrder(db, later(3 * hourMs + minuteMs), order)

    await ruleSupplier(db, by, place.name, { restAfterOrders: 0 })
    expect(await restFailing(db, later(3 * hourMs), rules)).toEqual({ rested: 0, banned: 0 })
    await ruleSupplier(db, by, place.name, {
      restAfterOrders: null,
      banAfterRests: 0,
      restHours: 1,
    })
    expect(await restFailing(db, later(3 * hourMs), rules)).toEqual({ rested: 1, banned: 0 })
    await returnRestedNumbers(db, later(4 * hourMs))
    expect(await stockOf(place)).toBe(1)

    // Whoever had a banned number cannot have it again either.
    const fresh = await shelf(1)
    const past = await waitInVain(fresh, now)
    await db.query(
      `update failing_numbers set rests = 1, silent_accounts = '{1,2}' where number_id = $1`,
      [past.numberId],
    )
    expect(await restFailing(db, later(hourMs), rules)).toEqual({ rested: 0, banned: 1 })
    const again = { accountId: past.accountId, id: past.id, once: null }
    expect(await outcomeOf(apps[0].orders.at(later(hourMs)).rebuy(again))).toBe(
      'order_not_repeatable',
    )
    await expectCleanAudit(db)
  })

  it('go out of sale when they alone are silent, few a day, and come back with a message', async () => {
    const place = await shelf(45)
    const at = later(30 * dayMs)
    await weeksLater(place, 40, at)
    const before = await stockOf(place)
    // Two of 45 a day: 5 %.
    expect(await takeSilent(db, at, rules)).toEqual({ taken: 2, heldBack: 3 })
    expect(await takeSilent(db, at, rules)).toEqual({ taken: 0, heldBack: 3 })
    expect(await takeSilent(apps[1].db, later(31.5 * dayMs), rules)).toEqual({
      taken: 0,
      heldBack: 0,
    })
    const listed = await listSilent(db, { supplier: place.name, limit: 10 })
    for (const { phone } of listed) expect(place.phones.slice(40)).toContain(phone)
    expect(listed).toHaveLength(2)
    expect(listed[0]).toMatchObject({ orders: 9, disabledAt: at })
    expect(await stockOf(place)).toBe((before as number) - 2)
    await expectCleanAudit(db)

    const [first, second] = listed.map(({ phone }) => phone) as [string, string]
    // A message that no order waits for.
    expect(await note(at)).toBe(0)
    await send(place, first, later(30 * dayMs + minuteMs), 'Hello')
    expect(await note(later(30 * dayMs + minuteMs))).toBe(1)
    expect(await getNumber(db, first)).toMatchObject({ state: 'active', silentOrders: 0 })
    // What an operator puts back is judged anew.
    await setNumberState(db, at, second, 'active')
    expect(await getNumber(db, second)).toMatchObject({ state: 'active', disabledBy: null })
    expect(await stockOf(place)).toBe(before)
    // What an operator has disabled stays so, whatever arrives.
    await setNumberState(db, at, first, 'disabled')
    await send(place, first, later(30 * dayMs + 2 * minuteMs), 'Hello again')
    expect(await note(later(30 * dayMs + 2 * minuteMs))).toBe(0)
    expect(await getNumber(db, first)).toMatchObject({ state: 'disabled', disabledBy: 'operator' })
    await expectCleanAudit(db)
    await weeksLater(place, 40, later(32 * dayMs))
    expect(await takeSilent(db, later(32 * dayMs), rules)).toMatchObject({ taken: 2 })
    expect(await getNumber(db, second)).toMatchObject({ state: 'active' })
  })

  it('are not bought again by who had them while they go out of sale', async () => {
    const place = await shelf(1)
    // It rests after its order, for whose customer it is kept.
    const past = await buy(place, now)
    await cancelOrder(db, later(minuteMs), past)
    const taken = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    const taking = db.begin(async (tx) => {
      await setSale(tx, now, [past.numberId as number], { state: 'disabled', by: 'operator' })
      taken.resolve()
      await gate.promise
    })
    await taken.promise
    const again = { accountId: past.accountId, id: past.id, once: null }
    const outcome = outcomeOf(apps[0].orders.at(later(2 * hourMs)).rebuy(again))
    await expect
      .poll(() =>
        db.query(
          `select 1 as yes from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'`,
        ),
      )
      .not.toEqual([])
    gate.resolve()
    await taking
    expect(await outcome).toBe('order_not_repeatable')
    await expectCleanAudit(db)
  })

  it('stay for sale if all are silent, if they are let, and if the rule is off', async () => {
    const at = later(60 * dayMs)
    const outage = await shelf(20)
    await weeksLater(outage, 0, at)
    expect(await takeSilent(db, at, rules)).toEqual({ taken: 0, heldBack: 0 })
    const place = await shelf(6)
    await weeksLater(place, 5, at)
    expect(await takeSilent(db, at, { ...rules, silentAfterDays: 0 })).toMatchObject({ taken: 0 })
    const orders = await Promise.all(place.phones.map(() => buy(place, at)))
    expect(await takeSilent(db, at, rules)).toEqual({ taken: 0, heldBack: 0 })
    await Promise.all(orders.map((order) => cancelOrder(db, at, order)))
    expect(await takeSilent(db, at, rules)).toEqual({ taken: 1, heldBack: 0 })
    await expectCleanAudit(db)
  })

  it('are each in one place after 200 purchases while they rest, are banned and return', async () => {
    const place = await shelf(60)
    const at = later(90 * dayMs)
    const lot = lots(11)
    const before = new Date(at.getTime() - 1)
    const orders = await Promise.all(place.phones.map(() => buy(place, before)))
    await Promise.all(orders.map((order) => cancelOrder(db, before, order)))
    await count()
    await note(before)
    await returnRestedNumbers(db, at)
    expect(await stockOf(place)).toBe(60)
    await weeksLater(place, 40, at)
    // Half of them have waited in vain twice, and half of these had rested before.
    await db.query(
      `insert into failing_numbers (number_id, service_id, silent_orders, silent_accounts,
         rests, last_order_at)
       select id, $2, 2, '{1,2}', (position / 2) % 2, $3 from numbers
        where supplier_id = $1 and position % 2 = 0`,
      [place.supplierId, services.telegram, at],
    )
    const got = await Promise.all([
      ...Array.from({ length: 200 }, async (_, i) => {
        const order = await tryToBuy(lot.oneOf(apps), place, at, 'telegram', i % buyers.length)
        // No two leases of a number end at the same time.
        const moment = new Date(at.getTime() + i)
        if (typeof order !== 'string' && i % 3 === 0)
          await outcomeOf(cancelOrder(lot.oneOf(apps).db, moment, order))
        return order
      }),
      ...apps.flatMap((app) =>
        [1, 2, 3].map(async () => {
          await restFailing(app.db, at, rules)
          await takeSilent(app.db, at, rules)
          await noteMessages(app.db, at)
          await returnRestedNumbers(app.db, at)
          return 'upkeep'
        }),
      ),
      ...place.phones.slice(0, 20).map(async (phone) => {
        await send(place, phone, at, `Telegram code: 7${lot.below(9000) + 1000}`)
        return 'message'
      }),
    ])
    expect(got.filter((order) => typeof order !== 'string').length).toBeGreaterThan(0)
    await expectCleanAudit(db)
    const twice = await db.query(
      `select n.phone from numbers n
         cross join lateral (select
           (select count(*) from leases l
             where l.number_id = n.id and l.service_id = $2 and l.ended_at is null)
         + (select count(*) from returned_numbers r where r.number_id = n.id and r.service_id = $2)
         + (select count(*) from resting_numbers r where r.number_id = n.id and r.service_id = $2)
         + (select count(*) from failing_numbers f where f.number_id = n.id and f.service_id = $2
              and f.banned_at is not null) as places) p
        where n.supplier_id = $1 and p.places <> 1`,
      [place.supplierId, services.telegram],
    )
    expect(twice).toEqual([])
    // What is left is sold, each once.
    await returnRestedNumbers(db, at)
    const left = (await stockOf(place)) as number
    const rest = await Promise.all(
      Array.from({ length: left + 5 }, () => tryToBuy(lot.oneOf(apps), place, at, 'telegram')),
    )
    expect(rest.filter((order) => typeof order !== 'string')).toHaveLength(left)
    await expectCleanAudit(db)
  })
})
