// Where orders whose numbers are another Numlet's are tested against a model: both platforms, what is between
// them, and what is true there.
import { balanceOf } from '../../src/core/accounts/accounts.ts'
import { creditAccount } from '../../src/core/accounts/adjustments.ts'
import { importNumbers } from '../../src/core/inventory/import.ts'
import { setSale } from '../../src/core/inventory/sale.ts'
import { topUp } from '../../src/core/ledger/suppliers.ts'
import type { Database } from '../../src/db/database.ts'
import { endOverdueOrders } from '../harness/ending.ts'
import { type TestServer, testServer } from '../harness/server.ts'
import {
  type Api,
  accountAt,
  addNumlet,
  engineOf,
  faultyProxy,
  senderAt,
} from '../supply/upstream/between.ts'
import { upstreamDesk } from '../supply/upstream/market.ts'
import { dramaNumbers, openMarket } from './market.ts'

/** What a number costs there. */
export const cost = 5_000n
/** Their window is longer than ours: a code may come when our order is over. */
export const windowS = 1_200
export const theirWindowS = 1_500

export type Ground = Awaited<ReturnType<typeof openGround>>

/** Two Numlets, of which one has its numbers from the other. */
export async function openGround(api: Api) {
  const desk = await upstreamDesk(1, 'Any')
  const { app, db, offerId } = desk
  const { theirs, send, account, between } = await openTheirs(api)
  const at = { api, url: between.url, key: account.key, offerId, cost, stock: 1_000 }
  const { supplierId, show } = await addNumlet(db, app.now(), at)
  const engine = engineOf(app)
  /** Has done what is due here. */
  const settle = async () => {
    await app.supply.tidyUp(app.now())
    while ((await engine.turn()) > 0) await engine.idle()
  }
  const advance = (seconds: number) => {
    desk.advance(seconds)
    theirs.advance(seconds)
  }
  /** Lets time pass, after which the jobs of both run, and then what they have made due. */
  const pass = async (seconds: number) => {
    advance(seconds)
    for (const one of [theirs.app, app]) {
      await one.orders.failOverdue()
      while ((await endOverdueOrders(one.db, one.now())) > 0);
    }
    await settle()
  }
  let paid = 0
  return {
    ...{ api, app, db, supplierId, theirs, account, between, send, settle, advance, pass },
    ...{ databaseUrl: desk.databaseUrl, url: desk.url },
    show: (stock: number) => show(app.now(), stock),
    /** Pays the other Numlet, and books it. */
    async pay(amount: bigint) {
      const { accountId } = account
      const reference = `payment ${++paid}`
      await creditAccount(theirs.db, theirs.app.now(), { accountId, amount, reference })
      const payment = { supplierId, currency: 'USD', amount, reference }
      await db.begin((tx) => topUp(tx, app.now(), payment))
    },
    /** Whether they have numbers for sale from now on. */
    sell: (isOn: boolean) => sell(theirs, isOn),
    /** What they can sell us at this moment. */
    async canBuy() {
      const [row] = await theirs.db.query<{ left: number }>(
        'select coalesce(sum(remaining), 0)::int as left from stock',
      )
      const money = await balanceOf(theirs.db, account.accountId)
      return (row?.left ?? 0) > 0 && money >= cost
    },
    books: () => booksOf(db, supplierId),
  }
}

/** The other Numlet, where we have an account without money. */
export async function openTheirs(api: Api) {
  const theirs = await testServer({
    template: 'catalog',
    env: { NUMLET_CANCEL_COOLDOWN_S: '0', NUMLET_ACTIVATION_WINDOW_S: String(theirWindowS) },
  })
  const { send, supplierId } = await senderAt(theirs)
  await openTheirMarket(theirs, supplierId)
  const account = await accountAt(theirs, api, '0')
  return { theirs, send, account, between: await faultyProxy(theirs.url) }
}

async function openTheirMarket(theirs: TestServer, supplierId: number) {
  const place = { country: 'GB', operator: 'Any', pool: '1' }
  const [phones, prices] = [dramaNumbers(1, 1), { whatsapp: '0.50' }]
  const operators = await openMarket(theirs.db, supplierId, [{ ...place, phones, prices }])
  await importNumbers(theirs.db, {
    ...{ supplierId, country: 'GB', operatorId: operators.get('Any') as number, pool: '1' },
    phones: dramaNumbers(990, 10),
  })
}

async function sell({ db, app }: TestServer, isOn: boolean): Promise<void> {
  const numbers = await db.query<{ id: number }>('select id from numbers order by id')
  const ids = numbers.map(({ id }) => id)
  await db.begin((tx) =>
    setSale(tx, app.now(), ids, isOn ? { state: 'active' } : { state: 'disabled', by: 'operator' }),
  )
}

/** The supplier's accounts in our ledger. */
async function booksOf(db: Database, supplierId: number) {
  const rows = await db.query<{ kind: string; amount: bigint }>(
    `select a.kind, sum(e.amount)::bigint as amount
       from ledger_accounts a join entries e on e.ledger_account_id = a.id
      where a.supplier_id = $1 group by 1`,
    [supplierId],
  )
  const books = new Map(rows.map(({ kind, amount }) => [kind, amount]))
  const of = (kind: string) => books.get(kind) ?? 0n
  return { prepaid: of('prepaid'), atRisk: of('at_risk'), cost: of('cost'), losses: of('losses') }
}
