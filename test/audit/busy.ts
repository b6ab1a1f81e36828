// A platform in use: purchases, codes, cancels, replacements, expiries, all at once, on the demo.
import { suspendAccount } from '../../src/core/accounts/accounts.ts'
import { creditAccount } from '../../src/core/accounts/adjustments.ts'
import { catalogSource } from '../../src/core/catalog/catalog.ts'
import { listPlans } from '../../src/core/esims/plans.ts'
import { esimSeller, type SellEsim } from '../../src/core/esims/sell.ts'
import { buyInboxes } from '../../src/core/inboxes/buy.ts'
import { returnRestedNumbers } from '../../src/core/inventory/inventory.ts'
import { setNumberState } from '../../src/core/inventory/sale.ts'
import type { ReceiveMail } from '../../src/core/messages/mail.ts'
import { receiver } from '../../src/core/messages/receive.ts'
import { purgeTexts } from '../../src/core/messages/retention.ts'
import { type Amount, parseAmount } from '../../src/core/money.ts'
import { buyer } from '../../src/core/orders/buying/buy.ts'
import { buyMultiService } from '../../src/core/orders/buying/multi-service.ts'
import { renewOrder, rentNumber } from '../../src/core/orders/buying/rent.ts'
import { anyNumber, type Selection } from '../../src/core/orders/buying/selection.ts'
import { claimOrder } from '../../src/core/orders/claim.ts'
import type { Order } from '../../src/core/orders/order.ts'
import { replaceOrder } from '../../src/core/orders/orders.ts'
import { writeSetting } from '../../src/core/settings.ts'
import type { Database } from '../../src/db/database.ts'
import { testVault } from '../harness/database.ts'
import { cancelOrder, endOverdueOrders, finishOrder } from '../harness/ending.ts'
import { testMailReceiver } from '../harness/mail.ts'

const terms = { cancelCooldownS: 0, activationWindowS: 600 }
const limits = { maxOpenOrders: null, maxOrdersADay: null, maxCancelledPercent: null }
const minuteMs = 60_000

/** Runs `rounds` of it on a database made from the template `demo`. */
export async function keepBusy(db: Database, rounds: number): Promise<void> {
  const [account] = await db.query<{ id: number }>('select id from accounts order by id limit 1')
  const [supplier] = await db.query<{ id: number }>('select id from suppliers order by id limit 1')
  const [service] = await db.query<{ id: number }>(
    `select id from services where slug = 'whatsapp'`,
  )
  await writeSetting(db, new Date(), { actor: 'test', reason: null }, 'reuse_after_days', 0)
  const amount = parseAmount('1000') as Amount
  const accountId = (account as { id: number }).id
  await creditAccount(db, new Date(), { accountId, amount, reference: 'busy' })
  const platform = {
    db,
    accountId,
    supplierId: (supplier as { id: number }).id,
    serviceId: (service as { id: number }).id,
    buy: buyer(db, terms, () => limits),
    receive: receiver(db, catalogSource(db), () => {}),
    receiveMail: testMailReceiver(db, catalogSource(db)),
    buyEsim: esimSeller(
      db,
      { open: async () => testVault, openOrMake: async () => testVault },
      () => limits,
    ),
    esimOffers: (await listPlans(db, { currency: 'USD' })).map((plan) => plan.offerId),
  }
  for (let round = 0; round < rounds; round++) await runRound(platform, round)
}

type Platform = {
  db: Database
  accountId: number
  supplierId: number
  serviceId: number
  buy: ReturnType<typeof buyer>
  receive: ReturnType<typeof receiver>
  receiveMail: ReceiveMail
  buyEsim: SellEsim
  esimOffers: readonly number[]
}

const anyInUs = { ...anyNumber, country: 'US' }

async function runRound(platform: Platform, round: number) {
  const { db } = platform
  const bought = await Promise.all(Array.from({ length: 12 }, () => buyOne(platform)))
  await Promise.all(bought.map((order, i) => live(platform, order, i)))
  await buyEsim(platform, round)
  await buyForTwo(platform, round)
  await rent(platform, round)
  await comeLate(platform, round)
  await useInboxes(platform, round)
  await endOverdueOrders(db, new Date(Date.now() + (round % 3 === 0 ? 20 * minuteMs : 0)))
  await returnRestedNumbers(db, new Date())
  if (round % 4 === 1) await purgeTexts(db, new Date(), new Date())
}

async function buyOne({ buy, accountId, serviceId }: Platform): Promise<Order> {
  const selection: Selection = { ...anyInUs, serviceId }
  const bought = await buy(new Date(), { accountId, selection, quantity: 1, once: null })
  if ('repeated' in bought) throw new Error('no key was given')
  return bought.orders[0] as Order
}

/** One number for two services each round: one of them, both or none get a code, the first one twice. */
async function buyForTwo(platform: Platform, round: number) {
  const { db, accountId, serviceId } = platform
  const [other] = await db.query<{ id: number }>(`select id from services where slug = 'telegram'`)
  const bought = await buyMultiService(db, new Date(), terms, limits, {
    ...anyInUs,
    accountId,
    serviceIds: [serviceId, (other as { id: number }).id],
    isSplit: false,
    once: null,
  })
  if ('repeated' in bought) throw new Error('no key was given')
  const order = bought.orders[0] as Order
  const target = { accountId, id: order.id }
  if (round % 3 === 0) return cancelOrder(db, new Date(), target)
  await deliver(platform, order)
  await deliver(platform, order)
  if (round % 3 === 1) await deliver(platform, order, 'Telegram')
  if (round % 2 === 0) await finishOrder(db, new Date(), target)
}

/** In two rounds of three, a code that comes after its order was cancelled: it is claimed, and another
 * message follows, or it is left. */
async function comeLate(platform: Platform, round: number) {
  if (round % 3 === 2) return
  const { db, accountId } = platform
  const order = await buyOne(platform)
  const target = { accountId, id: order.id }
  await cancelOrder(db, new Date(), target)
  await deliver(platform, order)
  if (round % 3 === 1) return
  await claimOrder(db, new Date(), limits, { ...target, once: null })
  await deliver(platform, order, 'WhatsApp', 'Once more: ')
}

/** A rental each round: given back, renewed, or left to end. */
async function rent({ db, accountId, serviceId }: Platform, round: number) {
  const rentalTerms = { graceS: 3600, remindersS: [3600] }
  const selection = { ...anyInUs, serviceId }
  const rental = { accountId, selection, durationS: 86_400, once: null }
  const bought = await rentNumber(db, new Date(), rentalTerms, limits, rental)
  if ('repeated' in bought) throw new Error('no key was given')
  const target = { accountId, id: (bought.orders[0] as Order).id, once: null }
  if (round % 3 === 0) await cancelOrder(db, new Date(), target)
  if (round % 3 === 1) await renewOrder(db, new Date(), rentalTerms, limits, target)
}

/** Three inboxes each round: one is cancelled, one gets a mail, one is left to its end. */
async function useInboxes({ db, accountId, receiveMail }: Platform, round: number) {
  const selection = { site: 'example.com', domains: [], subject: null, pattern: null, once: null }
  const bought = await buyInboxes(db, new Date(), limits, { accountId, quantity: 3, ...selection })
  if ('repeated' in bought) throw new Error('no key was given')
  const [cancelled, used] = bought.orders
  if (!cancelled || !used) throw new Error('three were bought')
  await Promise.all([
    cancelOrder(db, new Date(), cancelled),
    receiveMail(new Date(), {
      ref: `busy-${used.id}`,
      address: used.email as string,
      sender: 'noreply@example.com',
      subject: 'Your code',
      text: 'Your code is 483720.',
      html: null,
    }),
  ])
  if (round % 2 === 0) await finishOrder(db, new Date(), used)
}

async function buyEsim({ buyEsim, esimOffers, accountId }: Platform, round: number) {
  const offerId = esimOffers[round % esimOffers.length] as number
  await buyEsim(new Date(), { accountId, offerId, once: null })
}

/** What happens to the order that is the i-th of its round. */
async function live(platform: Platform, order: Order, i: number) {
  const { db, accountId } = platform
  const target = { accountId, id: order.id }
  const now = () => new Date()
  if (i % 6 === 0) return cancelOrder(db, now(), target)
  if (i % 6 === 1) return replaceOrder(db, now(), terms, limits, { ...target, once: null })
  if (i % 6 === 2) {
    await setNumberState(db, now(), order.phone as string, 'disabled')
    return setNumberState(db, now(), order.phone as string, 'active')
  }
  if (i % 6 === 3) return suspendAccount(db, accountId, false)
  await Promise.allSettled([deliver(platform, order), i === 4 && cancelOrder(db, now(), target)])
  if (i % 6 === 5) return finishOrder(db, now(), target)
}

function deliver(
  { receive, supplierId }: Platform,
  order: Order,
  sender = 'WhatsApp',
  greeting = '',
) {
  return receive(new Date(), {
    supplierId,
    supplierRef: null,
    channel: 'sms',
    phone: order.phone as string,
    sender,
    text: `${greeting}Your ${sender} code: 483-${100 + Number(order.id % 900n)}`,
    hint: { orderId: null, serviceId: null },
  })
}
